"""`users`: who uploads belong to, as everybody may see them."""

from marshmallow_jsonapi import fields

from open_event_uploads.api.jsonapi.fields import says
from open_event_uploads.api.jsonapi.schema import Schema


class UserSchema(Schema):
    """The attributes of a user."""

    id = fields.String(dump_only=True)
    name = fields.String(dump_only=True, metadata=says("Shown to everybody."))

    class Meta:
        """The resource type."""

        type_ = "users"
