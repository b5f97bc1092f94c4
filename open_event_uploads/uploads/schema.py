"""`uploads`: what clients write and read of a stored file."""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow.validate import OneOf, Range, Regexp
from marshmallow_jsonapi import fields

from open_event_uploads.errors import ManyErrors
from open_event_uploads.jsonapi.documents import ResourceObject
from open_event_uploads.jsonapi.fields import Ids, Relationship, Timestamp, describe
from open_event_uploads.jsonapi.fields import Text as TextField
from open_event_uploads.jsonapi.filters import attributes as filters
from open_event_uploads.jsonapi.schema import Schema
from open_event_uploads.jsonapi.sort_key import SortKey
from open_event_uploads.uploads import schema_fields
from open_event_uploads.uploads.fields import FIELDS, Choice, FileName, Lease, Text, UploadField
from open_event_uploads.uploads.schema_fields import DataUri, UploadUrl
from open_event_uploads.uploads.word_search import HasAllWords
from open_event_uploads.variants.preset_cache import current_presets
from open_event_uploads.variants.variant import variant_ids, variants_of


def _written(*, required: frozenset[str] = frozenset()) -> type:
    """Return a base class with a schema field for each of `FIELDS`.

    Args:
        required: names of the fields that must be sent.
    """
    return type(
        "Written",
        (),
        {each.name: _schema_field(each, required=each.name in required) for each in FIELDS},
    )


def _schema_field(field: UploadField, *, required: bool) -> fields.Field:
    options: dict[str, Any] = {"required": required, "metadata": describe(field.description)}
    match field.type:
        case FileName():
            return schema_fields.FileName(**options)
        case Text(max_characters):
            return TextField(max_characters=max_characters, **options)
        case Choice(words):
            return fields.String(validate=OneOf(words), **options)
        case Lease():
            return schema_fields.Lease(allow_none=True, **options)


def _ids_of_variants() -> Ids:
    names = [each.name for each in current_presets()]
    return lambda upload: variant_ids(upload, names)


class AnnouncedUploadSchema(_written(required=frozenset({"filename"})), Schema):  # type: ignore[misc]  # a base class made of FIELDS
    """The attributes that announce a file, which is then sent to the storage."""

    id = fields.String(dump_only=True)
    media_type = fields.String(required=True, metadata=describe("What the bytes are."))
    size = fields.Integer(
        required=True, strict=True, validate=Range(min=0), metadata=describe("Bytes.")
    )
    checksum = fields.String(
        required=True,
        validate=Regexp(
            "sha256:[0-9a-f]{64}\\Z", error="Expected `sha256:` and 64 hexadecimal digits."
        ),
        metadata=describe("`sha256:` and 64 hexadecimal digits, of the bytes to be sent."),
    )

    class Meta:
        """The resource type."""

        type_ = "uploads"


class UploadSchema(_written(), Schema):  # type: ignore[misc]  # a base class made of FIELDS
    """The attributes of an upload."""

    sortable: ClassVar = {"created-at": "created_at", "size": "size", "filename": "filename"}
    filterable: ClassVar = {
        "media-type": filters.Text("media_type"),
        "filename": filters.Searchable("filename"),
        "checksum": filters.Text("checksum"),
        "status": filters.Text("status"),
        "visibility": filters.Text("visibility"),
        "size": filters.Integer("size"),
        "created-at": filters.Time("created_at"),
        "owner": filters.Id("owner_id"),
        "q": filters.Words(HasAllWords),
    }
    default_sort = (SortKey("created_at", descending=True),)
    clearable = frozenset(each.attribute for each in FIELDS if each.null_clears)
    announced = AnnouncedUploadSchema

    id = fields.String(dump_only=True)
    data = DataUri(required=True, load_only=True)

    url = UploadUrl(
        attribute="key",
        dump_only=True,
        allow_none=True,
        metadata=describe(
            "Address of the bytes, which never change there. Null unless the upload is `ready`."
        ),
    )
    status = fields.String(
        dump_only=True,
        metadata=describe(
            "`ready`: it can be fetched; `quarantined`: its bytes are lost or damaged; `pending`, "
            "`rejected`: a direct upload that waits for its bytes, or whose bytes were refused. "
            "`ready` on PATCH publishes a pending one."
        ),
    )
    media_type = fields.String(
        dump_only=True,
        metadata=describe("Media type of the bytes, recognised from the bytes themselves."),
    )
    size = fields.Integer(dump_only=True, metadata=describe("Bytes."))
    checksum = fields.String(
        dump_only=True,
        metadata=describe("`sha256:` and 64 hexadecimal digits, of the bytes served."),
    )
    width = fields.Integer(
        dump_only=True, allow_none=True, metadata=describe("Pixels, in the orientation of EXIF.")
    )
    height = fields.Integer(
        dump_only=True, allow_none=True, metadata=describe("Pixels, in the orientation of EXIF.")
    )
    frames = fields.Integer(
        dump_only=True, allow_none=True, metadata=describe("1 unless it is animated.")
    )
    placeholder = fields.String(
        dump_only=True,
        allow_none=True,
        metadata=describe("A ThumbHash in base64, to draw while the image loads."),
    )
    color = fields.String(
        dump_only=True, allow_none=True, metadata=describe("The dominant colour, as `#rrggbb`.")
    )
    created_at = Timestamp(dump_only=True, metadata=describe("UTC, to the microsecond."))
    updated_at = Timestamp(dump_only=True, metadata=describe("UTC, to the microsecond."))

    variants = Relationship(
        "variants",
        many=True,
        ids=_ids_of_variants,
        related=lambda upload: variants_of(upload, current_presets()),
    )
    owner = Relationship(
        "users",
        ids=lambda: lambda upload: [upload.owner_id] if upload.owner_id else [],
        related=lambda upload: [upload.owner] if upload.owner else [],
    )

    @classmethod
    def meta_of(cls, obj: Any) -> dict[str, Any] | None:  # noqa: ANN401 - an upload
        """Return why an upload was rejected, if it was."""
        return {"refusal": obj.refusal} if obj.refusal else None

    class Meta:
        """The resource type."""

        type_ = "uploads"


def read_values(attributes: Mapping[str, object]) -> dict[str, Any]:
    """Return the values of fields that stand in no document, read as in one.

    Args:
        attributes: by public name; unknown ones are ignored.

    Raises:
        ManyErrors: one for each attribute at fault.
    """
    known = {
        each.attribute: attributes[each.attribute]
        for each in FIELDS
        if each.attribute in attributes
    }
    try:
        return UploadSchema.shared().read(ResourceObject(known, {}, {}), partial=True)
    except ManyErrors as error:
        for each in error.errors:
            each.pointer = None  # there is no document to point into
        raise
