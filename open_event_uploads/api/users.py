"""`/v1/users` and `/v1/users/{id}`."""

from collections.abc import Callable
from typing import Any

from open_event_uploads.api.identity import current_identity
from open_event_uploads.api.jsonapi import DataLayer, ResourceDetail, ResourceList
from open_event_uploads.api.schemas.users import UserSchema
from open_event_uploads.extensions import db
from open_event_uploads.models import User
from open_event_uploads.services.create_user import NewUser, create_user
from open_event_uploads.services.delete_user import delete_user
from open_event_uploads.services.rules import check_user_change
from open_event_uploads.services.update_user import update_user


def _rows() -> dict[str, Any]:
    """A fresh dictionary each time: the library takes `class` out of the one it is given."""
    return {"class": DataLayer, "session": db.session, "model": User}


class UserList(ResourceList):
    """The collection."""

    schema = UserSchema
    data_layer = _rows()
    remembers = False

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
