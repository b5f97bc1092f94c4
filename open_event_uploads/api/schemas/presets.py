"""`presets`: the sizes that variants have."""

from typing import ClassVar

from marshmallow_jsonapi import fields

from open_event_uploads.api.jsonapi.fields import says
from open_event_uploads.api.jsonapi.filters import attributes as filters
from open_event_uploads.api.jsonapi.query import SortKey
from open_event_uploads.api.jsonapi.schema import Schema


class PresetSchema(Schema):
    """The attributes of a preset."""

    sortable: ClassVar = {"name": "name"}
    filterable: ClassVar = {"name": filters.Text("name")}
    default_sort = (SortKey("name", descending=False),)

    id = fields.String(dump_only=True)
    name = fields.String(dump_only=True, metadata=says("The end of its variants' ids."))
    width = fields.Integer(
        dump_only=True, allow_none=True, metadata=says("Pixels at most; null for any.")
    )
    height = fields.Integer(
        dump_only=True, allow_none=True, metadata=says("Pixels at most; null for any.")
    )
    fit = fields.String(
        dump_only=True,
        metadata=says("`inside`, `cover`, `contain` or `fill`: how a picture meets its box."),
    )
    focal_x = fields.Float(
        dump_only=True, metadata=says("What `cover` keeps, from 0 (left) to 1 (right).")
    )
    focal_y = fields.Float(
        dump_only=True, metadata=says("What `cover` keeps, from 0 (top) to 1 (bottom).")
    )
    format = fields.String(
        attribute="encoding",
        dump_only=True,
        metadata=says("`webp`, `jpeg`, `png`, `avif`, or `same` as the original."),
    )
    quality = fields.Integer(dump_only=True, metadata=says("Of the encoder, 1 to 100."))

    class Meta:
        """The resource type."""

        type_ = "presets"
