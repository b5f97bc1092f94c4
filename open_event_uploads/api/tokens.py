"""`/v1/tokens` and `/v1/tokens/{id}`."""

from collections.abc import Callable
from typing import Any

from open_event_uploads.api.access import require_admin
from open_event_uploads.api.identity import current_identity
from open_event_uploads.api.jsonapi import (
    DataLayer,
    ResourceDetail,
    ResourceList,
    ResourceRelated,
    ResourceRelationship,
)
from open_event_uploads.api.jsonapi.query import Query
from open_event_uploads.api.schemas.tokens import TokenSchema
from open_event_uploads.errors import Unauthenticated
from open_event_uploads.extensions import db
from open_event_uploads.models import Token
from open_event_uploads.services.create_token import CreatedToken, NewToken, create_token
from open_event_uploads.services.revoke_token import revoke_token
from open_event_uploads.services.run_once import Result


def _rows() -> dict[str, Any]:
    """A fresh dictionary each time: the library takes `class` out of the one it is given."""
    return {"class": DataLayer, "session": db.session, "model": Token}


class _Guarded:
    """Admins only."""

    schema = TokenSchema

    def authorize(self) -> None:
        """Make sure of it."""
        require_admin("tokens")


class TokenList(_Guarded, ResourceList):
    """The collection."""

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
        self, query: Query, created: CreatedToken, meta: dict[str, Any] | None = None
    ) -> Result:
        """What is answered of it: the token itself is said this once."""
        meta = {**(meta or {}), "token": created.secret}
        return super().created(query, created.token, meta)


class TokenDetail(_Guarded, ResourceDetail):
    """One token; it never changes."""

    methods = ("GET", "DELETE")
    data_layer = _rows()

    def delete_object(self, id_: str, versions: frozenset[int] | None) -> None:  # noqa: ARG002 - it has one version
        """It is revoked."""
        revoke_token(id_, session=db.session())


class TokenRelated(_Guarded, ResourceRelated):
    """Whose it is."""

    data_layer = _rows()


class TokenRelationship(_Guarded, ResourceRelationship):
    """The linkage to that."""

    data_layer = _rows()
