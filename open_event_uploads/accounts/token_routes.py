"""Serve `/v1/tokens` and `/v1/tokens/{id}`."""

from typing import Any, NoReturn

from sqlalchemy import Select

from open_event_uploads.accounts.create_token import CreatedToken, NewToken, create_token
from open_event_uploads.accounts.revoke_token import revoke_token
from open_event_uploads.accounts.rules import listed_tokens, may_see_token
from open_event_uploads.accounts.token import Token
from open_event_uploads.accounts.token_schema import TokenSchema
from open_event_uploads.context import db
from open_event_uploads.errors import Unauthenticated
from open_event_uploads.jsonapi import (
    DataLayer,
    ResourceDetail,
    ResourceList,
    ResourceRelated,
    ResourceRelationship,
    expect_document,
)
from open_event_uploads.jsonapi.creation import NO_META, CreationMeta
from open_event_uploads.jsonapi.idempotency import Reply
from open_event_uploads.jsonapi.query import Query
from open_event_uploads.server.identity import Identity, current_identity
from open_event_uploads.server.policy import NOBODY, Policy, Who
from open_event_uploads.server.routes import Routes


class TokenLayer(DataLayer):
    """Read the tokens that the sender of the request may see."""

    def selection(self, viewer: Identity | None) -> Select[Any]:
        """Select the tokens that this identity may list."""
        return super().selection(viewer).where(listed_tokens(viewer))

    def is_visible(self, found: Token, viewer: Identity | None) -> bool:
        """Return whether this identity may see a token."""
        return may_see_token(viewer, found)


_DATA_LAYER = {"class": TokenLayer, "session": db.session, "model": Token}


class TokenList(ResourceList):
    """Serve the collection."""

    schema = TokenSchema
    data_layer = _DATA_LAYER
    keeps_replies = False

    def create_object(
        self,
        values: dict[str, Any],
        before_commit: object,  # noqa: ARG002 - replies are not kept
    ) -> CreatedToken:
        """Create a token for the sender of the request."""
        identity = current_identity()
        if identity is None:
            raise Unauthenticated(
                "A token belongs to a user; sign in to create one.", header="Authorization"
            )
        return create_token(
            NewToken(identity.user_id, **values), creator=identity, engine=db.engine
        )

    def creation_reply(
        self, query: Query, created: CreatedToken, meta: CreationMeta = NO_META
    ) -> Reply:
        """Return the answer, the only one that has the token's secret."""
        meta = CreationMeta(document={**meta.document, "token": created.secret})
        return super().creation_reply(query, created.token, meta)


class TokenDetail(ResourceDetail):
    """Serve one token, which is revoked but never changed."""

    schema = TokenSchema
    data_layer = _DATA_LAYER

    def patch(self, id: str) -> NoReturn:  # noqa: A002 - the address's name for it
        """Refuse any change."""
        self.refuse_change(id)

    def delete_object(self, id_: str, versions: frozenset[int] | None) -> None:  # noqa: ARG002 - it has one version
        """Revoke a token, and those that were created with it."""
        self._data_layer.get_row(id_)
        revoke_token(id_, engine=db.engine)


class TokenRelated(ResourceRelated):
    """Serve the owner of a token, and the token that created it."""

    schema = TokenSchema
    data_layer = _DATA_LAYER


class TokenRelationship(ResourceRelationship):
    """Serve the linkage to either."""

    schema = TokenSchema
    data_layer = _DATA_LAYER


# Members see and change their own tokens alone: `listed_tokens`, `may_see_token`.
_READ = Policy(Who.MEMBERS, "tokens:read")
_CREATE = Policy(Who.MEMBERS, "tokens:write", writes=True, body=expect_document)
_REVOKE = Policy(Who.MEMBERS, "tokens:write", writes=True)


def register_routes(routes: Routes) -> None:
    """Add the routes."""
    one = "/v1/tokens/<id:id>"
    routes.add("/v1/tokens", "token_list", TokenList, GET=_READ, POST=_CREATE)
    routes.add(one, "token_detail", TokenDetail, GET=_READ, PATCH=NOBODY, DELETE=_REVOKE)
    routes.add_relationships(one, "token", TokenRelated, TokenRelationship, read=_READ)
