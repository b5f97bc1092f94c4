"""Serve `/auth/session` and `/v1/auth/session`, as Open Event's clients sign in: plain JSON."""

from functools import partial

from flask import Response

from open_event_uploads.accounts.authenticate_request import current_keys
from open_event_uploads.accounts.device import read_device, sign_device
from open_event_uploads.accounts.email import fold_email
from open_event_uploads.accounts.sign_in import sign_in
from open_event_uploads.context import db
from open_event_uploads.current import current_application
from open_event_uploads.errors import InvalidAttribute, InvalidDocument
from open_event_uploads.jsonapi.body import read_body
from open_event_uploads.jsonapi.expected_body import expect_body
from open_event_uploads.jsonapi.json_text import decode
from open_event_uploads.server.policy import Counts, Policy, Who
from open_event_uploads.server.rate_limits import charge_sign_in
from open_event_uploads.server.routes import Routes

_MAX_BODY_BYTES = 16 * 1024

# Not checked, because a client may send an expired session along.
_SIGN_IN = Policy(
    Who.ANYBODY,
    checked=False,
    counts=Counts.SIGN_IN,
    body=partial(expect_body, _MAX_BODY_BYTES),
)


def register_routes(routes: Routes) -> None:
    """Add the routes."""
    for path in ("/auth/session", "/v1/auth/session"):
        routes.add(path, "session", post_session, POST=_SIGN_IN)


def post_session() -> Response:
    """Answer `{"email", "password"}` with `{"access_token", "device_token"}`."""
    document = decode(read_body())
    if not isinstance(document, dict):
        raise InvalidDocument("The document must be an object.", pointer="")
    email, password = (_text(document, name) for name in ("email", "password"))
    device = "" if document.get("device_token") is None else _text(document, "device_token")
    folded, keys = fold_email(email), current_keys().secret_keys
    charge_sign_in(folded, read_device(device, folded, secret_keys=keys))
    answer = {
        "access_token": sign_in(email, password, secret_keys=keys, engine=db.engine),
        "device_token": sign_device(folded, secret_keys=keys),
    }
    body = current_application().json.dumps(answer)
    # RFC 6749, section 5.1.
    headers = {"Cache-Control": "no-store", "Vary": "Origin"}
    return current_application().response_class(
        body, headers=headers, content_type="application/json"
    )


def _text(document: dict[str, object], name: str) -> str:
    found = document.get(name)
    if not isinstance(found, str):
        pointer = f"/{name}" if name in document else ""
        raise InvalidAttribute("Expected a string.", attribute=name, pointer=pointer)
    return found
