"""`/v1/users` and `/v1/users/{id}`."""

from collections.abc import Callable
from typing import Any

from open_event_uploads.accounts.create_user import NewUser, create_user
from open_event_uploads.accounts.delete_user import delete_user
from open_event_uploads.accounts.rules import check_user_change
from open_event_uploads.accounts.update_user import update_user
from open_event_uploads.accounts.user import User
from open_event_uploads.accounts.user_schema import UserSchema
from open_event_uploads.context import db
from open_event_uploads.jsonapi import DataLayer, ResourceDetail, ResourceList
from open_event_uploads.server.identity import current_identity
from open_event_uploads.server.policy import ANYBODY, Policy, Routes, Who


def _rows() -> dict[str, Any]:
    """A fresh dictionary each time: the library takes `class` out of the one it is given."""
    return {"class": DataLayer, "session": db.session, "model": User}


class UserList(ResourceList):
    """The collection."""

    schema = UserSchema
    data_layer = _rows()
    keeps_replies = False

    def create_object(
        self, values: dict[str, Any], before_commit: Callable[[object], None]
    ) -> User:
        """Somebody gets an account."""
        return create_user(NewUser(**values), before_commit=before_commit, session=db.session())


class UserDetail(ResourceDetail):
    """One user."""

    schema = UserSchema
    data_layer = _rows()

    def update_object(
        self, found: User, values: dict[str, Any], versions: frozenset[int] | None
    ) -> User:
        """The account changes."""
        check_user_change(current_identity(), found, values)
        return update_user(found.id, values, versions=versions, session=db.session())

    def delete_object(self, id_: str, versions: frozenset[int] | None) -> None:
        """It goes."""
        delete_user(id_, versions=versions, session=db.session())


_READ = Policy(Who.ADMINS, "users:read")
_CREATE = Policy(Who.ADMINS, "users:write", writes=True)
# Their own account.
_CHANGE = Policy(Who.MEMBERS, "users:write", writes=True)


def register_routes(routes: Routes) -> None:
    """Add the routes of this module; everybody sees id and name of others, as in their uploads."""
    routes.add("/v1/users", "user_list", UserList, GET=_READ, POST=_CREATE)
    routes.add(
        "/v1/users/<id:id>", "user_detail", UserDetail, GET=ANYBODY, PATCH=_CHANGE, DELETE=_CREATE
    )
