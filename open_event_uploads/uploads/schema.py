"""`uploads`: what clients write and read of a stored file."""

from typing import Any, ClassVar

from marshmallow.validate import OneOf, Range, Regexp
from marshmallow_jsonapi import fields

from open_event_uploads.jsonapi.fields import Ids, Relationship, Timestamp, says
from open_event_uploads.jsonapi.filters import attributes as filters
from open_event_uploads.jsonapi.query import SortKey
from open_event_uploads.jsonapi.schema import Schema
from open_event_uploads.uploads.model import ALT_MAX_CHARACTERS
from open_event_uploads.uploads.schema_fields import DataUri, Filename, Lease, Text, UploadUrl
from open_event_uploads.variants.preset_cache import current_presets
from open_event_uploads.variants.variant import variant_ids, variants_of


def _filename(*, required: bool = False) -> Filename:
    return Filename(required=required, metadata=says("What people call the file; cleaned."))


def _alt() -> Text:
    said = says("For people who cannot see the image.")
    return Text(max_characters=ALT_MAX_CHARACTERS, metadata=said)


def _visibility() -> fields.String:
    said = says("`private`: only its owner, admins and whoever has a link may see it.")
    return fields.String(validate=OneOf(("public", "private")), metadata=said)


def _expires_at() -> Lease:
    said = says(
        "Until when it is kept: a time to come, with its zone; null on PATCH keeps it for good."
    )
    return Lease(allow_none=True, metadata=said)


def _ids_of_variants() -> Ids:
    names = [each.name for each in current_presets()]
    return lambda upload: variant_ids(upload, names)


class AnnouncedUploadSchema(Schema):
    """What is said of a file that is going to be sent past this server."""

    id = fields.String(dump_only=True)
    filename = _filename(required=True)
    alt = _alt()
    visibility = _visibility()
    expires_at = _expires_at()
    media_type = fields.String(required=True, metadata=says("What the bytes are."))
    size = fields.Integer(
        required=True, strict=True, validate=Range(min=0), metadata=says("Bytes.")
    )
    checksum = fields.String(
        required=True,
        validate=Regexp(
            "sha256:[0-9a-f]{64}\\Z", error="Expected `sha256:` and 64 hexadecimal digits."
        ),
        metadata=says("`sha256:` and 64 hexadecimal digits, of the bytes to be sent."),
    )

    class Meta:
        """The resource type."""

        type_ = "uploads"


class UploadSchema(Schema):
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
        "q": filters.Words(),
    }
    default_sort = (SortKey("created_at", descending=True),)
    clearable = frozenset({"expires-at"})
    announced = AnnouncedUploadSchema

    id = fields.String(dump_only=True)
    data = DataUri(required=True, load_only=True)
    filename = _filename()
    alt = _alt()
    visibility = _visibility()
    expires_at = _expires_at()

    url = UploadUrl(
        attribute="key",
        dump_only=True,
        allow_none=True,
        metadata=says("Where the bytes are; it never changes them. Null unless it is `ready`."),
    )
    status = fields.String(
        dump_only=True,
        metadata=says(
            "`ready`: it can be fetched; `quarantined`: its bytes are lost or damaged; `pending`, "
            "`rejected`: a direct upload that waits for its bytes, or whose bytes were refused. "
            "`ready` on PATCH publishes a pending one."
        ),
    )
    media_type = fields.String(dump_only=True, metadata=says("What the bytes really are."))
    size = fields.Integer(dump_only=True, metadata=says("Bytes."))
    checksum = fields.String(
        dump_only=True, metadata=says("`sha256:` and 64 hexadecimal digits, of the bytes served.")
    )
    width = fields.Integer(
        dump_only=True, allow_none=True, metadata=says("Pixels, once turned as EXIF says.")
    )
    height = fields.Integer(
        dump_only=True, allow_none=True, metadata=says("Pixels, once turned as EXIF says.")
    )
    frames = fields.Integer(
        dump_only=True, allow_none=True, metadata=says("1 unless it is animated.")
    )
    placeholder = fields.String(
        dump_only=True,
        allow_none=True,
        metadata=says("A ThumbHash in base64, to draw while the image loads."),
    )
    color = fields.String(
        dump_only=True, allow_none=True, metadata=says("`#rrggbb`, the dominant one.")
    )
    created_at = Timestamp(dump_only=True, metadata=says("UTC, to the microsecond."))
    updated_at = Timestamp(dump_only=True, metadata=says("UTC, to the microsecond."))

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
        """Why it was rejected, if it was."""
        return {"refusal": obj.refusal} if obj.refusal else None

    class Meta:
        """The resource type."""

        type_ = "uploads"
