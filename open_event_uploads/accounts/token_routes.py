"""`/v1/tokens` and `/v1/tokens/{id}`."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select

from open_event_uploads.accounts.authenticate import Identity
from open_event_uploads.accounts.create_token import CreatedToken, NewToken, create_token
from open_event_uploads.accounts.revoke_token import revoke_token
from open_event_uploads.accounts.rules import listed_tokens, sees_token
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
)
from open_event_uploads.jsonapi.conditional import NOTHING, SaidOnce
from open_event_uploads.jsonapi.idempotency import Result
from open_event_uploads.jsonapi.query import Query
from open_event_uploads.server.identity import current_identity


class TokenLayer(DataLayer):
    """The tokens that whoever asks may see."""

    def selection(self, identity: Identity | None) -> Select[Any]:
        """What a list is a selection of."""
        return super().selection(identity).where(listed_tokens(identity))

    def is_seen(self, found: Token) -> bool:
        """Somebody else's is not there."""
        return sees_token(current_identity(), found)


def _rows() -> dict[str, Any]:
    """A fresh dictionary each time: the library takes `class` out of the one it is given."""
    return {"class": TokenLayer, "session": db.session, "model": Token}


class TokenList(ResourceList):
    """The collection."""

    schema = TokenSchema
    data_layer = _rows()
    remembers = False

    def create_object(
        self, values: dict[str, Any], before_commit: Callable[[CreatedToken], None]
    ) -> CreatedToken:
        """A token for whoever asks."""
        identity = current_identity()
        if identity is None:
            raise Unauthenticated("A token is somebody's: say whose.", header="Authorization")
        return create_token(
            NewToken(identity.user_id, **values),
            within=identity.scopes,
            before_commit=before_commit,
            session=db.session(),
        )

    def created(
        self,
        query: Query,
        created: CreatedToken,
        said_once: SaidOnce = NOTHING,
    ) -> Result:
        """What is answered of it: the token itself is said this once."""
        said_once = SaidOnce(document={**said_once.document, "token": created.secret})
        return super().created(query, created.token, said_once)


class TokenDetail(ResourceDetail):
    """One token; it never changes."""

    methods = ("GET", "DELETE")
    schema = TokenSchema
    data_layer = _rows()

    def delete_object(self, id_: str, versions: frozenset[int] | None) -> None:  # noqa: ARG002 - it has one version
        """It is revoked."""
        self._data_layer.get_object({"id": id_})
        revoke_token(id_, session=db.session())


class TokenRelated(ResourceRelated):
    """Whose it is."""

    schema = TokenSchema
    data_layer = _rows()


class TokenRelationship(ResourceRelationship):
    """The linkage to that."""

    schema = TokenSchema
    data_layer = _rows()
