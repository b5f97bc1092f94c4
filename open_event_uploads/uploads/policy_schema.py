"""`policies`: the limits in force, so that clients need not guess."""

from marshmallow_jsonapi import fields

from open_event_uploads.jsonapi.fields import describe
from open_event_uploads.jsonapi.schema import Schema


class PolicySchema(Schema):
    """The attributes of the one policy there is."""

    id = fields.String(dump_only=True)
    max_bytes = fields.Integer(
        dump_only=True, metadata=describe("Decoded size of one file, bytes.")
    )
    max_pixels = fields.Integer(dump_only=True, metadata=describe("Width x height of one frame."))
    max_frames = fields.Integer(dump_only=True, metadata=describe("Frames of one animation."))
    max_pixels_of_all_frames = fields.Integer(
        dump_only=True,
        metadata=describe("Width x height x frames; also of all images of one request together."),
    )
    media_types = fields.List(
        fields.String(), dump_only=True, metadata=describe("Images that may be stored.")
    )
    file_types = fields.List(
        fields.String(),
        dump_only=True,
        metadata=describe("Other files that `/v1/upload/files` may store."),
    )
    direct_uploads = fields.Boolean(
        dump_only=True,
        metadata=describe(
            "Whether bytes may be sent to the storage itself, after a POST without them."
        ),
    )
    resumable_uploads = fields.Dict(
        dump_only=True,
        metadata=describe(
            "How uploads resume after a broken connection: `protocols`, the `url` to begin at, "
            "`extensions` and `checksum-algorithms` of tus, `max-unfinished` of one sender, and "
            "`expires-after`, in seconds without bytes."
        ),
    )
    page_size = fields.Integer(dump_only=True, metadata=describe("Resources on a page by default."))
    max_page_size = fields.Integer(
        dump_only=True, metadata=describe("Resources on a page at most.")
    )
    max_operations = fields.Integer(dump_only=True, metadata=describe("Operations in one request."))
    max_tokens = fields.Integer(
        dump_only=True, metadata=describe("Tokens of one user, without expired ones.")
    )
    variants = fields.String(
        dump_only=True,
        metadata=describe("`lazy`: other sizes are made when first fetched; `eager`: at upload."),
    )
    metadata = fields.String(
        dump_only=True,
        metadata=describe("`strip`: metadata about people are removed; `keep`: they stay."),
    )
    read_only = fields.Boolean(
        dump_only=True, metadata=describe("Whether every write is answered with 503 for now.")
    )
    rate_limits = fields.List(
        fields.Dict(),
        dump_only=True,
        allow_none=True,
        metadata=describe(
            "How many `files` one may send in so many `seconds`; null for any number."
        ),
    )
    daily_bytes = fields.Integer(
        dump_only=True,
        allow_none=True,
        metadata=describe("Bytes that one user may send in a day, UTC; null for any number."),
    )
    quota_bytes = fields.Integer(
        dump_only=True,
        allow_none=True,
        metadata=describe("Bytes of all files of one user together; null for any number."),
    )
    expires_after = fields.Integer(
        dump_only=True,
        allow_none=True,
        metadata=describe(
            "Seconds that an upload is kept whose client sets no end; null for good."
        ),
    )

    class Meta:
        """The resource type."""

        type_ = "policies"
