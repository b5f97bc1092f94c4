"""Serve `/v1/users` and `/v1/users/{id}`."""

from typing import Any

from open_event_uploads.accounts.conditions import Conditions
from open_event_uploads.accounts.confirm_password import confirm_password
from open_event_uploads.accounts.create_user import NewUser, create_user
from open_event_uploads.accounts.delete_user import delete_user
from open_event_uploads.accounts.rules import check_new_user, check_user_change
from open_event_uploads.accounts.update_user import update_user
from open_event_uploads.accounts.user import User, UserRow
from open_event_uploads.accounts.user_schema import UserSchema
from open_event_uploads.context import db
from open_event_uploads.jsonapi import DataLayer, ResourceDetail, ResourceList, expect_document
from open_event_uploads.server.identity import current_identity
from open_event_uploads.server.policy import ANYBODY, Policy, Who
from open_event_uploads.server.routes import Routes

_DATA_LAYER = {"class": DataLayer, "session": db.session, "model": User}


class UserList(ResourceList):
    """Serve the collection."""

    schema = UserSchema
    data_layer = _DATA_LAYER
    keeps_replies = False

    def create_object(
        self,
        values: dict[str, Any],
        before_commit: object,  # noqa: ARG002 - replies are not kept
    ) -> UserRow:
        """Create a user."""
        values.pop("current_password", None)
        check_new_user(current_identity(), values.get("role", "member"))
        return create_user(NewUser(**values), engine=db.engine)


class UserDetail(ResourceDetail):
    """Serve one user."""

    schema = UserSchema
    data_layer = _DATA_LAYER

    def update_object(
        self, found: UserRow, values: dict[str, Any], versions: frozenset[int] | None
    ) -> UserRow:
        """Change a user."""
        current_password = values.pop("current_password", None)
        check_user_change(current_identity(), found, values)
        conditions = Conditions(versions, confirm_password(found, values, current_password))
        return update_user(found.id, values, conditions=conditions, engine=db.engine)

    def delete_object(self, id_: str, versions: frozenset[int] | None) -> None:
        """Delete a user."""
        delete_user(id_, conditions=Conditions(versions), engine=db.engine)


_READ = Policy(Who.ADMINS, "users:read")
_CREATE = Policy(Who.ADMINS, "users:write", writes=True, body=expect_document)
_DELETE = Policy(Who.ADMINS, "users:write", writes=True)
# Members change their own account alone: `check_user_change`.
_CHANGE = Policy(Who.MEMBERS, "users:write", writes=True, body=expect_document)


def register_routes(routes: Routes) -> None:
    """Add the routes; everybody may read users, and sees id and name of others alone."""
    routes.add("/v1/users", "user_list", UserList, GET=_READ, POST=_CREATE)
    routes.add(
        "/v1/users/<id:id>", "user_detail", UserDetail, GET=ANYBODY, PATCH=_CHANGE, DELETE=_DELETE
    )
