"""`/v1/users/{id}`."""

from open_event_uploads.api.jsonapi import DataLayer, ReadOnlyDetail
from open_event_uploads.api.schemas.users import UserSchema
from open_event_uploads.extensions import db
from open_event_uploads.models import User


class UserDetail(ReadOnlyDetail):
    """One user."""

    schema = UserSchema
    data_layer = {"class": DataLayer, "session": db.session, "model": User}  # noqa: RUF012 - the library's own
