"""Make two users, and sign their requests."""

from flask import Flask

from open_event_uploads.accounts.user import User
from open_event_uploads.context import db
from tests.accounts import bearer

ADA = "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"
BOB = "5a0a0f3e-7c1f-4a55-8c0b-6f0e2b9a7c22"
_HEADERS: dict[str, dict[str, str]] = {}


def with_users(app: Flask) -> Flask:
    """Create Ada and Bob in an application."""
    with app.app_context():
        db.session.add_all([User(id=ADA, name="Ada"), User(id=BOB, name="Bob")])
        db.session.commit()
        db.session.remove()
    _HEADERS.update({each: bearer(app, each) for each in (ADA, BOB)})
    return app


def by(user_id: str) -> dict[str, str]:
    """Return the headers of a request that a user of the latest application sends."""
    return _HEADERS[user_id]
