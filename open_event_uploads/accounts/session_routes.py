"""`/auth/session` and `/v1/auth/session`: signing in as Open Event's clients do, in plain JSON."""

from flask import Response, current_app

from open_event_uploads.accounts.authenticate_request import current_trust
from open_event_uploads.accounts.email import email_or_text
from open_event_uploads.accounts.sign_in import sign_in
from open_event_uploads.context import db
from open_event_uploads.errors import InvalidAttribute, InvalidDocument
from open_event_uploads.jsonapi.body import read_body
from open_event_uploads.jsonapi.json_text import decode
from open_event_uploads.server.policy import Counts, Policy, Routes, Who
from open_event_uploads.server.rate_limits import charge_sign_in

_MAX_BODY_BYTES = 16 * 1024


# A client may send the session that is over along.
_SIGN_IN = Policy(Who.ANYBODY, checked=False, counts=Counts.SIGN_IN)


def register_routes(routes: Routes) -> None:
    """Add the routes of this module."""
    for path in ("/auth/session", "/v1/auth/session"):
        routes.add(path, "session", post_session, POST=_SIGN_IN)


def post_session() -> Response:
    """`{"email", "password"}` becomes `{"access_token"}`."""
    document = decode(read_body(_MAX_BODY_BYTES))
    if not isinstance(document, dict):
        raise InvalidDocument("The document must be an object.", pointer="")
    email, password = (_text(document, name) for name in ("email", "password"))
    charge_sign_in(email_or_text(email))
    token = sign_in(email, password, secret_keys=current_trust().secret_keys, session=db.session())
    body = current_app.json.dumps({"access_token": token})
    # RFC 6749, section 5.1: no cache keeps it.
    headers = {"Cache-Control": "no-store", "Vary": "Origin"}
    return current_app.response_class(body, headers=headers, content_type="application/json")


def _text(document: dict[str, object], name: str) -> str:
    found = document.get(name)
    if not isinstance(found, str):
        pointer = f"/{name}" if name in document else ""
        raise InvalidAttribute("Expected a string.", attribute=name, pointer=pointer)
    return found
