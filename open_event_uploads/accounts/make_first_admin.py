"""Create the first admin, without whom nobody could create other users."""

import secrets
from dataclasses import dataclass, field

from sqlalchemy import Engine, select

from open_event_uploads.accounts.create_token import NewToken, create_token
from open_event_uploads.accounts.create_user import NewUser, create_user
from open_event_uploads.accounts.user import User
from open_event_uploads.database.read import read
from open_event_uploads.errors import EmailTaken

EMAIL = "admin@localhost"
_PASSWORD_BYTES = 18


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """Hold the credentials of the first admin, which are shown once."""

    email: str
    password: str = field(repr=False)
    token: str = field(repr=False)


def make_first_admin(*, engine: Engine) -> FirstAdmin | None:
    """Create an admin if there are no users.

    Returns:
        Their credentials; None if there are users already.

    Raises:
        DatabaseUnavailable: nothing is created.
    """
    if read(engine, select(User.id).limit(1)):
        return None
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    new = NewUser("Admin", email=EMAIL, role="admin", password=password)
    try:
        admin = create_user(new, engine=engine)
    except EmailTaken:
        return None  # another server that starts was first
    token = create_token(NewToken(admin.id, name="The first"), engine=engine)
    return FirstAdmin(EMAIL, password, token.secret)
