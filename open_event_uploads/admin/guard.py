"""Admins may use the pages, and nobody else; every write says that it comes from one of them.

One hook for all of them, so that no view can forget it.
"""

from flask import Response, g, redirect, request
from flask.blueprints import Blueprint
from flask_wtf.csrf import validate_csrf
from werkzeug.wrappers import Response as AnyResponse
from wtforms import ValidationError

from open_event_uploads.admin.addresses import page_url, this_page
from open_event_uploads.admin.form import sent
from open_event_uploads.admin.picture_origins import picture_origins
from open_event_uploads.admin.session import signed_in
from open_event_uploads.errors import Forbidden
from open_event_uploads.server.checks import refuse_writes
from open_event_uploads.server.identity import current_identity

STYLE = "admin.static"
SIGN_IN = "admin.sign_in"
SIGN_OUT = "admin.sign_out"

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})  # RFC 9110, section 9.2.1
_TOKEN_FIELD, _TOKEN_HEADER = "csrf_token", "X-CSRF-Token"

# Pictures may lie elsewhere; previews are made in the page.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: {pictures}; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def guard_pages(blueprint: Blueprint) -> None:
    """Check each request for a page of a blueprint, and restrict what a browser may do with it."""
    blueprint.before_request(_guard)
    blueprint.after_request(_restrict)


def is_admin() -> bool:
    """Whether an admin sends the request."""
    identity = current_identity()
    return identity is not None and identity.is_admin


def _guard() -> AnyResponse | None:
    """Let an admin through, show anybody the way in, and refuse the rest.

    Raises:
        Forbidden: it is no admin's, or no page of ours has sent it.
        ReadOnly: it is a write, and the settings allow none.
    """
    if request.endpoint == STYLE:
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
    """Make sure that a write comes from a page that we made for this browser.

    Raises:
        Forbidden: nothing in it shows that.
    """
    token = request.headers.get(_TOKEN_HEADER) or sent().get(_TOKEN_FIELD, "")
    try:
        validate_csrf(token)
    except ValidationError:
        raise Forbidden(
            "This form is not from here, or from before you signed in. Open the page again."
        ) from None


def _restrict(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY.format(pictures=picture_origins())
    # Addresses may hold the signature that opens a private file.
    response.headers["Referrer-Policy"] = "same-origin"
    if request.endpoint != STYLE:
        response.headers["Cache-Control"] = "no-store"
    return response
