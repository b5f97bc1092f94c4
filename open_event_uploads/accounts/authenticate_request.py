"""The sender of a request to the application at work."""

from typing import cast

from flask import Flask, Response, after_this_request, current_app

from open_event_uploads.accounts.authenticate import Trust, authenticate
from open_event_uploads.accounts.record_use import record_use
from open_event_uploads.accounts.trust_issuer import trust_issuer
from open_event_uploads.context import current_settings, db
from open_event_uploads.server.identity import Identity

_TRUST = "uploads_trust"


def register_trust(app: Flask) -> None:
    """Read the keys whose signatures an application believes.

    Raises:
        InvalidSettings: a key of another service cannot be read.
    """
    with app.app_context():
        issuer = trust_issuer(current_settings())
    keys = (app.config["SECRET_KEY"], *app.config["SECRET_KEY_FALLBACKS"])
    app.extensions[_TRUST] = Trust(keys, issuer)


def current_trust() -> Trust:
    """Return the keys whose signatures the application at work believes."""
    return cast("Trust", current_app.extensions[_TRUST])


def authenticate_request(authorization: str) -> Identity:
    """Return the sender of a request with this Authorization header.

    Raises:
        InvalidToken: nobody is known by it.
    """
    return authenticate(
        authorization,
        trust=current_trust(),
        note_use=_record_later,
        engine=db.engine,
        sessions=db.session,
    )


def _record_later(token_id: str) -> None:
    """Record the use of a token once the answer has been sent, so that no client waits for it."""
    if current_settings().read_only:
        return
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's documented way

    def record() -> None:
        with app.app_context():
            record_use(token_id, session=db.session())

    @after_this_request
    def _when_closed(response: Response) -> Response:
        response.call_on_close(record)
        return response
