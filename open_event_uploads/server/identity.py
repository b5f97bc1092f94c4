"""Who sends the request."""

from typing import cast

from flask import Flask, Response, after_this_request, current_app, g, request

from open_event_uploads.accounts.authenticate import Identity, Trust, authenticate
from open_event_uploads.accounts.record_use import record_use
from open_event_uploads.accounts.rules import is_admin_page
from open_event_uploads.accounts.trust_issuer import trust_issuer
from open_event_uploads.context import current_settings, db

_TRUST = "uploads_trust"

# Where one goes because one's session is over: a client may still send it along.
_NEEDS_NO_IDENTITY = frozenset({"session"})


def register_authentication(app: Flask) -> None:
    """Find out before each request who sends it.

    Raises:
        InvalidSettings: a key of another service cannot be read.
    """
    with app.app_context():
        issuer = trust_issuer(current_settings())
    keys = (app.config["SECRET_KEY"], *app.config["SECRET_KEY_FALLBACKS"])
    app.extensions[_TRUST] = Trust(keys, issuer)
    app.before_request(_identify)


def current_trust() -> Trust:
    """Whose signatures the application at work believes."""
    return cast("Trust", current_app.extensions[_TRUST])


def current_identity() -> Identity | None:
    """Who sends the request; None for anybody."""
    found: Identity | None = g.get("identity")
    return found


def current_user_id() -> str | None:
    """The id of the user who sends the request; None for anybody."""
    found = current_identity()
    return None if found is None else found.user_id


def _identify() -> None:
    """Read the Authorization header.

    What it holds must be valid wherever it is sent: whoever believes to be signed in must not be
    answered like a stranger. OPTIONS never carries it (Fetch, "CORS protocol").
    """
    g.identity = None
    authorization = request.headers.get("Authorization")
    asks = request.method != "OPTIONS" and request.endpoint not in _NEEDS_NO_IDENTITY
    # A proxy that asks people for a password has their browsers send one to the pages, too.
    if authorization is not None and asks and not is_admin_page(request.endpoint):
        g.identity = authenticate(
            authorization,
            trust=current_trust(),
            note_use=_record_later,
            engine=db.engine,
            sessions=db.session,
        )


def _record_later(token_id: str) -> None:
    """Record the use of a token once the answer has been sent: nobody waits for it."""
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
