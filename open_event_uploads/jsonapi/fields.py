"""Schema fields that several resources use."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, runtime_checkable

from marshmallow import ValidationError
from marshmallow_jsonapi import fields

from open_event_uploads.errors import InvalidAttribute, Sentence

# From an object to the ids of its related objects.
Ids = Callable[[Any], Sequence[str]]

# RFC 3339, section 5.6, with no more of a second than databases keep.
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def dasherize(name: str) -> str:
    """Return a Python name as clients see it, and a stock Ember Data serializer expects it."""
    return name.replace("_", "-")


def describe(description: str) -> dict[str, str]:
    """Return the metadata of a field: its description in the API's own (OpenAPI)."""
    return {"description": description}


def timestamp(value: datetime | None) -> str | None:
    """Write a point in time as in RFC 3339: UTC, to the microsecond, with `Z`."""
    if value is None:
        return None
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return f"{value.isoformat(timespec='microseconds')[:-6]}Z"  # in place of +00:00


def read_timestamp(value: object) -> datetime | None:
    """Read a point in time as in RFC 3339, in UTC; None where the text is none."""
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@runtime_checkable
class FieldWithWriter(Protocol):
    """A field that compiles to a function, for many values."""

    def writer(self) -> Callable[[Any, Any], Any]:
        """Return a function from a value and its object to the JSON value, for one document.

        Look up what all objects of a document share once.
        """


class Timestamp(fields.DateTime):
    """A point in time, written by `timestamp`."""

    def writer(self) -> Callable[[datetime | None, object], datetime | str | None]:
        """See `FieldWithWriter`."""
        return _as_encoded


def _as_encoded(value: datetime | None, _: object) -> datetime | str | None:
    # msgspec writes a `datetime` as `timestamp` does, but leaves out a fraction that is 0.
    if value is None or (value.microsecond and value.tzinfo is UTC):
        return value
    return timestamp(value)


class Text(fields.String):
    """Bounded text in NFC, as the search for words needs it.

    PostgreSQL cannot store a NUL, so it is refused for both databases.
    """

    def __init__(self, *, max_characters: int, **options: Any) -> None:  # noqa: ANN401 - marshmallow's options
        super().__init__(**options)
        self.max_characters = max_characters

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ANN401 - marshmallow's signature
        text = unicodedata.normalize("NFC", super()._deserialize(value, attr, data, **kwargs))
        if "\0" in text:
            raise ValidationError("A text cannot hold a NUL character.")
        if len(text) > self.max_characters:
            problem = InvalidAttribute(
                Sentence(
                    "The text has %(actual)s characters; %(most)s are allowed.",
                    actual=len(text),
                    most=self.max_characters,
                ),
                limit=self.max_characters,
                actual=len(text),
            )
            raise ValidationError([problem])
        return text


class Relationship(fields.Relationship):
    """A read-only relationship, always shown with both links and its linkage.

    Args:
        type_: the resource type it leads to.
        many: to-many.
        ids: returns a function from an object to its related ids, for one document; it loads
            nothing, and looks up what all objects share once.
        related: returns the related objects.
    """

    def __init__(
        self,
        type_: str,
        *,
        many: bool = False,
        ids: Callable[[], Ids],
        related: Callable[[Any], Sequence[object]],
    ) -> None:
        super().__init__(type_=type_, many=many, dump_only=True)
        self.target = type_
        self.to_many = many
        self.related = related
        self.reader = ids

    def linkage(self, obj: object) -> list[dict[str, str]] | dict[str, str] | None:
        """Return the linkage of an object (JSON:API 1.1, "Resource Linkage")."""
        found = [{"type": self.target, "id": id_} for id_ in self.reader()(obj)]
        if self.to_many:
            return found
        return found[0] if found else None
