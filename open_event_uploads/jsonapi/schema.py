"""The base of every resource schema."""

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Self

from marshmallow import ValidationError, missing
from marshmallow.fields import Field
from marshmallow_jsonapi import Schema as LibrarySchema

from open_event_uploads.errors import InvalidAttribute, ManyErrors, UploadsError
from open_event_uploads.jsonapi.documents import ResourceObject
from open_event_uploads.jsonapi.fields import Relationship, dasherize
from open_event_uploads.jsonapi.filters.attributes import Attribute, Words
from open_event_uploads.jsonapi.sort_key import Sorting


class Schema(LibrarySchema):
    """A resource schema: fields with Python names, dasherized on the wire.

    Attributes:
        sortable: public name -> field name, of the attributes that a collection may be sorted by.
        filterable: by public name, the attributes that it may be filtered by.
        default_sort: the order for a client that names none.
        clearable: public names of attributes that `null` clears on PATCH.
        announced: the schema of a document that announces a resource, if that is possible.
    """

    sortable: ClassVar[Mapping[str, str]] = {}
    filterable: ClassVar[Mapping[str, Attribute | Words]] = {}
    default_sort: ClassVar[Sorting] = ()
    clearable: ClassVar[frozenset[str]] = frozenset()
    announced: ClassVar["type[Schema] | None"] = None

    @classmethod
    @cache
    def shared(cls) -> Self:
        """Return the one instance; it keeps no state unless `meta` or `included` are loaded."""
        return cls()

    @classmethod
    @cache
    def public_names(cls) -> dict[str, str]:
        """Return public name -> field name, of every attribute and relationship that is shown."""
        fields = cls._declared_fields.items()
        return {
            dasherize(name): name for name, each in fields if name != "id" and not each.load_only
        }

    @classmethod
    def shown_of(cls, obj: Any, wanted: frozenset[str] | None) -> frozenset[str] | None:  # noqa: ANN401, ARG003 - any model, and what a schema may go by
        """Return the fields that the request may see, of those that it wants; None means all."""
        return wanted

    @classmethod
    def meta_of(cls, obj: Any) -> dict[str, Any] | None:  # noqa: ANN401, ARG003 - as `shown_of`
        """Return the `meta` of an object's resource object, if it has any."""
        return None

    @classmethod
    @cache
    def writable(cls) -> dict[str, tuple[str, Field[Any]]]:
        """Return public name -> field name and field, of the attributes that clients write."""
        fields = cls.shared().load_fields.items()
        return {dasherize(name): (each.attribute or name, each) for name, each in fields}

    @classmethod
    @cache
    def relationships(cls) -> dict[str, Relationship]:
        """Return public name -> relationship."""
        fields = cls._declared_fields.items()
        return {dasherize(name): each for name, each in fields if isinstance(each, Relationship)}

    def inflect(self, text: str) -> str:
        """Return the public name of a field: the library's hook."""
        return dasherize(text)

    def read(self, resource: ResourceObject, *, partial: bool) -> dict[str, Any]:
        """Return the validated values of a resource object, by field name.

        Attributes that are read-only or unknown are ignored: clients echo what they were given
        (a reading of the specification that Ember Data needs). `null` means "as it is", on a new
        resource "the default", except for what is `clearable`: Ember Data sends it for every
        attribute that it has not loaded.

        Each field reads its value; marshmallow's `load` would take twice as long, for
        documents, hooks and nested schemas that we have not.

        Raises:
            ManyErrors: one error for each invalid attribute.
        """
        attributes, values = resource.attributes, dict[str, Any]()
        problems: list[UploadsError] = []
        for public, (name, field) in self.writable().items():
            value = attributes.get(public, missing)
            if value is None and not (partial and public in self.clearable):
                value = missing
            if value is missing and partial:
                continue
            try:
                found = field.deserialize(value, public, attributes)
            except ValidationError as error:
                problems += _problems(error, public, resource)
            else:
                if found is not missing:
                    values[name] = found
        if problems:
            raise ManyErrors(problems)
        return values


def _problems(error: ValidationError, public: str, resource: ResourceObject) -> list[UploadsError]:
    # A message is a text of marshmallow's, or an error of ours.
    found = []
    for message in error.messages:
        problem = message if isinstance(message, UploadsError) else InvalidAttribute(str(message))
        problem.attribute, problem.pointer = public, resource.pointer_to(public)
        found.append(problem)
    return found
