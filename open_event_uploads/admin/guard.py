"""Let only admins use the pages, and accept a write only from one of them.

The checks are hooks of every blueprint, so that no view can miss them.
"""

from flask import Response, g, redirect, request
from flask.blueprints import Blueprint
from flask_wtf.csrf import validate_csrf
from werkzeug.wrappers import Response as AnyResponse
from wtforms import ValidationError

from open_event_uploads.admin.addresses import page_url, this_page
from open_event_uploads.admin.form import sent_form
from open_event_uploads.admin.picture_origins import picture_origins
from open_event_uploads.admin.session import signed_in
from open_event_uploads.errors import Forbidden
from open_event_uploads.server.checks import refuse_writes
from open_event_uploads.server.identity import current_identity

STATIC = "admin.static"
SIGN_IN = "admin.sign_in"
SIGN_OUT = "admin.sign_out"

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})  # RFC 9110, section 9.2.1
_TOKEN_FIELD, _TOKEN_HEADER = "csrf_token", "X-CSRF-Token"

# Images may be on other hosts; previews of files are `blob:` URLs.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: {pictures}; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def guard_pages(blueprint: Blueprint) -> None:
    """Check each request for a page of a blueprint, and restrict what a browser may do with it."""
    blueprint.before_request(_guard)
    blueprint.after_request(_restrict)


def is_admin() -> bool:
    """Return whether an admin sends the request."""
    identity = current_identity()
    return identity is not None and identity.is_admin


def _guard() -> AnyResponse | None:
    """Let admins through, redirect others to the sign-in page, and refuse the rest.

    Raises:
        Forbidden: the sender is not an admin, or the write does not come from a page.
        ReadOnly: it is a write, and the server is read-only.
    """
    if request.endpoint == STATIC:
        return None
    g.identity = signed_in()
    if request.method not in _SAFE:
        _check_token()
    if request.endpoint in {SIGN_IN, SIGN_OUT}:
        return None
    if is_admin():
        if request.method not in _SAFE:
            refuse_writes()
        return None
    if g.identity is None and request.method in _SAFE:
        return redirect(page_url(SIGN_IN, next=this_page()), 303)
    raise Forbidden("Only admins may do that.")


def _check_token() -> None:
    """Check that a write comes from a page that was made for this browser.

    Raises:
        Forbidden: it has no valid token.
    """
    token = request.headers.get(_TOKEN_HEADER) or sent_form().get(_TOKEN_FIELD, "")
    try:
        validate_csrf(token)
    except ValidationError:
        raise Forbidden(
            "The form is from another site, or from before you signed in; reload the page."
        ) from None


def _restrict(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY.format(pictures=picture_origins())
    # Addresses may hold the signature that opens a private file.
    response.headers["Referrer-Policy"] = "same-origin"
    if request.endpoint != STATIC:
        response.headers["Cache-Control"] = "no-store"
    return response
