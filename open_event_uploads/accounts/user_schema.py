"""Define the resource type `users`."""

from typing import Any, ClassVar

from marshmallow import validate
from marshmallow_jsonapi import fields

from open_event_uploads.accounts.rules import may_see_all_of
from open_event_uploads.accounts.user import NAME_MAX_CHARACTERS, ROLES
from open_event_uploads.jsonapi.fields import Text, Timestamp, describe
from open_event_uploads.jsonapi.filters import attributes as filters
from open_event_uploads.jsonapi.schema import Schema
from open_event_uploads.jsonapi.sort_key import SortKey
from open_event_uploads.server.identity import current_identity

_PUBLIC = frozenset({"name"})


class UserSchema(Schema):
    """Define the attributes of a user; everybody sees the name, the user and admins the rest."""

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
    email = fields.String(allow_none=True, metadata=describe("To sign in with; in lower case."))
    role = fields.String(
        validate=validate.OneOf(ROLES),
        metadata=describe("Admins may do everything, members change what is theirs."),
    )
    active = fields.Boolean(
        truthy={True},
        falsy={False},
        metadata=describe("False disables the user, their sessions and their tokens."),
    )
    password = fields.String(
        load_only=True, metadata=describe("12 to 1024 characters; never shown.")
    )
    current_password = fields.String(
        load_only=True,
        metadata=describe("Your present password; needed to change your own password or email."),
    )
    created_at = Timestamp(dump_only=True, metadata=describe("UTC, to the microsecond."))
    updated_at = Timestamp(dump_only=True, metadata=describe("UTC, to the microsecond."))

    @classmethod
    def shown_of(cls, obj: Any, wanted: frozenset[str] | None) -> frozenset[str] | None:  # noqa: ANN401 - any model
        """Return id and name for strangers, everything for admins and the user."""
        if may_see_all_of(current_identity(), obj.id):
            return wanted
        return _PUBLIC if wanted is None else wanted & _PUBLIC

    class Meta:
        """Name the resource type."""

        type_ = "users"
