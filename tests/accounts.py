"""Make users and the headers of their requests."""

from threading import Lock

from flask import Flask

from open_event_uploads.accounts.create_token import NewToken, create_token
from open_event_uploads.accounts.create_user import NewUser, create_user
from open_event_uploads.accounts.user import Role, User
from open_event_uploads.context import db

_ADMIN = Lock()
PASSWORD = "correct horse battery staple"  # noqa: S105 - nobody's


def account(app: Flask, name: str = "Ada", role: Role = "member", **values: object) -> str:
    """Create a user with an email and a password, and return their id."""
    email = f"{name.lower()}@example.org"
    facts = {"name": name, "role": role, "email": email, "password": PASSWORD, **values}
    with app.app_context():
        return create_user(NewUser(**facts), engine=db.engine).id  # type: ignore[arg-type]  # as the test says


def service_account(app: Flask, role: Role = "member", name: str = "Tests") -> str:
    """Create a user without a password, and return their id."""
    with app.app_context():
        return create_user(NewUser(name, role=role), engine=db.engine).id


def bearer(app: Flask, user_id: str, **values: object) -> dict[str, str]:
    """Create a token of a user, and return its header."""
    with app.app_context():
        new = NewToken(user_id, **values)  # type: ignore[arg-type]  # as the test says
        return {"Authorization": f"Bearer {create_token(new, engine=db.engine).secret}"}


def admin_headers(app: Flask) -> dict[str, str]:
    """Return the header of the application's admin for tests, created when first needed."""
    with _ADMIN:
        if "TEST_HEADERS" not in app.config:
            app.config["TEST_HEADERS"] = bearer(app, service_account(app, "admin"))
    headers: dict[str, str] = app.config["TEST_HEADERS"]
    return headers


def user_row(app: Flask, user_id: str) -> User:
    """Return a user as stored."""
    with app.app_context():
        found = db.session.get(User, user_id)
        assert found is not None
        return found
