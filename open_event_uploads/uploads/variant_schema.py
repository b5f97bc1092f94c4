"""The resource type `variants`; read-only, because variants are computed."""

from marshmallow_jsonapi import fields

from open_event_uploads.jsonapi.fields import Relationship, describe
from open_event_uploads.jsonapi.schema import Schema
from open_event_uploads.uploads.schema_fields import MediaUrl


class VariantSchema(Schema):
    """Attributes of a variant."""

    id = fields.String(dump_only=True)
    name = fields.String(dump_only=True, metadata=describe("Name of its preset."))
    url = MediaUrl(
        attribute="key",
        dump_only=True,
        metadata=describe("URL of the bytes, which are made when first fetched."),
    )
    media_type = fields.String(dump_only=True, metadata=describe("Media type of the bytes."))
    width = fields.Integer(dump_only=True, metadata=describe("Pixels."))
    height = fields.Integer(dump_only=True, metadata=describe("Pixels."))

    upload = Relationship(
        "uploads",
        ids=lambda: lambda variant: [variant.upload.id],
        related=lambda variant: [variant.upload],
    )

    class Meta:
        """The resource type."""

        type_ = "variants"
