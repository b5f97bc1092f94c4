"""Let admins use the pages and nobody else, and refuse writes that no page of ours sent.

One hook checks the requests for all pages, so that no view can forget it.
"""

from flask import Response, redirect
from flask.blueprints import Blueprint
from flask_wtf.csrf import validate_csrf
from werkzeug.wrappers import Response as AnyResponse
from wtforms import ValidationError

from open_event_uploads.admin.language import current_language
from open_event_uploads.admin.picture_origins import picture_origins
from open_event_uploads.admin.read_form import expect_fields, is_form, read_form
from open_event_uploads.admin.session import identify_by_cookie
from open_event_uploads.admin.urls import current_url, page_url
from open_event_uploads.current import current_request
from open_event_uploads.errors import Forbidden
from open_event_uploads.server.checks import apply_policy, check_sender
from open_event_uploads.server.identity import Identity, current_identity
from open_event_uploads.server.policy import Who
from open_event_uploads.server.routes import current_policy

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})  # RFC 9110, section 9.2.1
_TOKEN_FIELD, _TOKEN_HEADER = "csrf_token", "X-CSRF-Token"

# Pictures may come from another origin; the script makes previews as `blob:`.
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: {pictures}; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def guard_pages(blueprint: Blueprint) -> None:
    """Check each request for a page of a blueprint, and restrict what a browser may do with it."""
    blueprint.before_request(_check)
    blueprint.after_request(_add_headers)


def is_admin() -> bool:
    """Return whether an admin sends the request."""
    identity = current_identity()
    return identity is not None and identity.is_admin


def current_admin_id() -> str:
    """Return the id of the admin who sends the request.

    Raises:
        Forbidden: nobody has signed in.
    """
    identity = current_identity()
    if identity is None:
        raise Forbidden("Sign in as an admin first.")
    return identity.user_id


def _check() -> AnyResponse | None:
    """Identify the sender, and apply the policy of the page.

    Returns:
        A redirect to the sign-in page for a stranger who reads; else None.

    Raises:
        Forbidden: the sender is no admin, or no page of ours has sent the write. The token that
            proves it is in a header; that in a form is checked once the form has come
            (`check_form_token`).
        ReadOnly, RateLimitExceeded: as of `apply_policy`.
    """
    # A HEAD that takes the lock of a resumable upload interrupts whoever is sending it.
    is_read = current_request().method in _SAFE and not current_policy().writes
    try:
        check_sender(_identify)
    except Forbidden:
        if is_read and current_identity() is None:
            return redirect(page_url("admin.sign_in", next=current_url()), 303)
        raise
    if not (is_read or _takes_form()):
        _check_token(current_request().headers.get(_TOKEN_HEADER, ""))
    apply_policy(current_policy())
    return None


def _identify() -> Identity | None:
    """Return the sender; None for a stranger, where strangers may be.

    Raises:
        Forbidden: they may not.
    """
    identity = identify_by_cookie()
    if identity is None and current_policy().who is Who.ADMINS:
        raise Forbidden("Sign in as an admin first.")
    return identity


def check_form_token() -> None:
    """Check the token in the form of a write; that in a header was checked before.

    Raises:
        Forbidden: no page of ours has sent the write.
    """
    if current_request().method not in _SAFE and _takes_form():
        sent = current_request().headers.get(_TOKEN_HEADER)
        _check_token(sent or read_form().get(_TOKEN_FIELD, ""))


def _takes_form() -> bool:
    """Return whether the body is a form, for a page that reads one."""
    return current_policy().body is expect_fields and is_form()


def _check_token(token: str) -> None:
    """Make sure that a write comes from a page that we made for this browser.

    Raises:
        Forbidden: its token is missing, or is of another session.
    """
    try:
        validate_csrf(token)
    except ValidationError:
        raise Forbidden(
            "This form is from another site, or from before you signed in. "
            "Open the page again and send it from there."
        ) from None


def _add_headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _CONTENT_SECURITY_POLICY.format(
        pictures=picture_origins()
    )
    # URLs may hold the signature that opens a private file.
    response.headers["Referrer-Policy"] = "same-origin"
    # Flask has set it for the style sheet and the script.
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Language"] = current_language().code
        response.vary.update(("Accept-Language", "Cookie"))
    return response
