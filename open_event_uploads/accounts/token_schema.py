"""Define the resource type `tokens`."""

from typing import Any, ClassVar

from marshmallow import ValidationError
from marshmallow_jsonapi import fields

from open_event_uploads.jsonapi.fields import Relationship, Text, Timestamp, describe
from open_event_uploads.jsonapi.filters import attributes as filters
from open_event_uploads.jsonapi.schema import Schema
from open_event_uploads.jsonapi.sort_key import SortKey

NAME_MAX_CHARACTERS = 200


class Scopes(fields.List):
    """Read and write the scopes of a token; null for no limit."""

    def _serialize(self, value: frozenset[str] | None, *_: Any, **__: Any) -> list[str] | None:  # noqa: ANN401 - marshmallow's signature
        return None if value is None else sorted(value)

    def _deserialize(self, value: Any, *arguments: Any, **options: Any) -> frozenset[str]:  # noqa: ANN401 - marshmallow's signature
        try:
            return frozenset(super()._deserialize(value, *arguments, **options))
        except ValidationError:
            # Marshmallow's own error would name an item and not the attribute.
            raise ValidationError("Expected an array of strings.") from None


class TokenSchema(Schema):
    """Define the attributes of a token."""

    sortable: ClassVar = {"created-at": "created_at"}
    filterable: ClassVar = {"owner": filters.Id("user_id")}
    default_sort = (SortKey("created_at", descending=True),)

    id = fields.String(dump_only=True)
    name = Text(max_characters=NAME_MAX_CHARACTERS, metadata=describe("What the token is for."))
    scopes = Scopes(
        fields.String(),
        allow_none=True,
        metadata=describe(
            "What the token may do, such as `uploads:write`; null for all that its user may do."
        ),
    )
    expires_at = Timestamp(
        allow_none=True,
        metadata=describe(
            "When the token expires, with its zone; null for never. A token that another token "
            "creates expires no later than that one, which is also its default."
        ),
    )
    created_at = Timestamp(dump_only=True, metadata=describe("UTC, to the microsecond."))
    last_used_at = Timestamp(
        dump_only=True,
        allow_none=True,
        metadata=describe("Accurate to five minutes; null for never."),
    )

    owner = Relationship(
        "users",
        ids=lambda: lambda token: [token.user_id],
        related=lambda token: [token.owner],
    )

    parent = Relationship(
        "tokens",
        ids=lambda: lambda token: [token.parent_id] if token.parent_id else [],
        related=lambda token: [token.parent] if token.parent else [],
    )

    class Meta:
        """Name the resource type."""

        type_ = "tokens"
