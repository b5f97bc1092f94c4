"""`users`: who sends requests, and who uploads belong to."""

from typing import Any, ClassVar

from marshmallow import validate
from marshmallow_jsonapi import fields

from open_event_uploads.accounts.rules import sees_all_of
from open_event_uploads.accounts.user import NAME_MAX_CHARACTERS, ROLES
from open_event_uploads.jsonapi.fields import Timestamp, describe
from open_event_uploads.jsonapi.filters import attributes as filters
from open_event_uploads.jsonapi.schema import Schema
from open_event_uploads.jsonapi.sort_key import SortKey
from open_event_uploads.server.identity import current_identity
from open_event_uploads.uploads.schema_fields import Text

_FOR_EVERYBODY = frozenset({"name"})


class UserSchema(Schema):
    """The attributes of a user; everybody sees the name, and only some people more."""

    sortable: ClassVar = {"created-at": "created_at", "name": "name"}
    filterable: ClassVar = {
        "name": filters.Searchable("name"),
        "email": filters.Text("email"),
        "role": filters.Text("role"),
        "created-at": filters.Time("created_at"),
    }
    default_sort = (SortKey("created_at", descending=True),)

    id = fields.String(dump_only=True)
    name = Text(
        required=True,
        max_characters=NAME_MAX_CHARACTERS,
        metadata=describe("Shown to everybody."),
    )
    email = fields.String(allow_none=True, metadata=describe("To sign in with; in small letters."))
    role = fields.String(validate=validate.OneOf(ROLES), metadata=describe("What they may do."))
    active = fields.Boolean(
        truthy={True}, falsy={False}, metadata=describe("Whether they may do anything at all.")
    )
    password = fields.String(
        load_only=True, metadata=describe("12 to 1024 characters; never shown.")
    )
    created_at = Timestamp(dump_only=True, metadata=describe("UTC, to the microsecond."))
    updated_at = Timestamp(dump_only=True, metadata=describe("UTC, to the microsecond."))

    @classmethod
    def shown_of(cls, obj: Any, wanted: frozenset[str] | None) -> frozenset[str] | None:  # noqa: ANN401 - any model
        """Id and name for strangers; the rest for admins and the user."""
        if sees_all_of(current_identity(), obj.id):
            return wanted
        return _FOR_EVERYBODY if wanted is None else wanted & _FOR_EVERYBODY

    class Meta:
        """The resource type."""

        type_ = "users"
