"""The resource type `presets`."""

from typing import ClassVar

from marshmallow.validate import OneOf
from marshmallow_jsonapi import fields

from open_event_uploads.imaging.preset import ENCODINGS, FITS
from open_event_uploads.jsonapi.fields import describe
from open_event_uploads.jsonapi.filters import attributes as filters
from open_event_uploads.jsonapi.schema import Schema
from open_event_uploads.jsonapi.sort_key import SortKey


def _side() -> fields.Integer:
    description = describe("Pixels at most; null for any.")
    return fields.Integer(strict=True, allow_none=True, metadata=description)


class PresetSchema(Schema):
    """Attributes of a preset."""

    sortable: ClassVar = {"name": "name"}
    filterable: ClassVar = {"name": filters.Text("name")}
    default_sort = (SortKey("name", descending=False),)

    id = fields.String(dump_only=True)
    name = fields.String(required=True, metadata=describe("The last part of its variants' ids."))
    width = _side()
    height = _side()
    fit = fields.String(
        validate=OneOf(FITS),
        metadata=describe("How an image is fitted into the box."),
    )
    focal_x = fields.Float(
        metadata=describe("The part that `cover` keeps, from 0 (left) to 1 (right).")
    )
    focal_y = fields.Float(
        metadata=describe("The part that `cover` keeps, from 0 (top) to 1 (bottom).")
    )
    format = fields.String(
        attribute="encoding",
        validate=OneOf(ENCODINGS),
        metadata=describe("Format of the result; `same` as the original."),
    )
    quality = fields.Integer(
        strict=True, metadata=describe("Quality setting of the encoder, 1 to 100.")
    )

    class Meta:
        """The resource type."""

        type_ = "presets"
