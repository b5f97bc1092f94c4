"""`users`: who uploads belong to, as everybody may see them."""

from marshmallow_jsonapi import fields

from open_event_uploads.api.jsonapi.schema import Schema


class UserSchema(Schema):
    """The attributes of a user."""

    id = fields.String(dump_only=True)
    name = fields.String(dump_only=True)

    class Meta:
        """The resource type."""

        type_ = "users"
