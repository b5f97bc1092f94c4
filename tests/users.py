"""Users in tests: an application that believes a header about who sends a request."""

from flask import Flask, g, request

from open_event_uploads.extensions import db
from open_event_uploads.models import User

ADA = "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"
BOB = "5a0a0f3e-7c1f-4a55-8c0b-6f0e2b9a7c22"
HEADER = "X-Test-User"


def believe_headers(app: Flask) -> Flask:
    """Let `X-Test-User` say who sends a request; Ada and Bob are there."""

    @app.before_request
    def _identify() -> None:
        g.user_id = request.headers.get(HEADER)

    with app.app_context():
        db.session.add_all([User(id=ADA, name="Ada"), User(id=BOB, name="Bob")])
        db.session.commit()
        db.session.remove()
    return app


def by(user_id: str) -> dict[str, str]:
    """The headers of a request that a user sends."""
    return {HEADER: user_id}
