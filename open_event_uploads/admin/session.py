"""Sign admins in to the pages by a signed cookie, which browsers send to these pages alone.

It holds what a session of the API holds, so a new password, a disabled or a deleted account ends
it with the next request.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, Request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from open_event_uploads.accounts.authenticate import identify
from open_event_uploads.accounts.open_session import Session
from open_event_uploads.context import current_settings, db
from open_event_uploads.database.types import now
from open_event_uploads.server.identity import Identity

# A working day, counted from signing in; use does not prolong it.
LIFETIME = timedelta(hours=12)

_PAGES = "/admin"
_USER, _CREDENTIALS, _ENDS = "user", "credentials", "ends"


class AdminSessionInterface(SecureCookieSessionInterface):
    """Open sessions for pages alone: Flask would prepare its signatures for every request."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of a page; None for other requests, which have no cookie."""
        return super().open_session(app, request) if request.path.startswith(_PAGES) else None


def configure_sessions(app: Flask) -> None:
    """Keep the cookie from scripts, from other sites, and from all other paths."""
    app.session_interface = AdminSessionInterface()
    with app.app_context():
        public = urlsplit(current_settings().public_url)
    app.config.update(
        SESSION_COOKIE_NAME="uploads_admin",
        SESSION_COOKIE_PATH=f"{public.path}{_PAGES}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=public.scheme == "https",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=LIFETIME,
        # A form can be sent as long as the session lasts that it was made in.
        WTF_CSRF_TIME_LIMIT=None,
    )


def begin_session(opened: Session) -> None:
    """Sign in a user whose password was right.

    The old session is cleared first, so a cookie that somebody else planted becomes worthless.
    """
    session.clear()
    session[_USER], session[_CREDENTIALS] = opened.user_id, opened.credentials_version
    session[_ENDS] = (now() + LIFETIME).timestamp()


def end_session() -> None:
    """Sign the user out."""
    session.clear()


def identify_by_cookie() -> Identity | None:
    """Return the sender that the cookie names and the database confirms; None for a stranger."""
    if session.get(_ENDS, 0) <= now().timestamp():
        return None
    return identify(Session(session[_USER], session[_CREDENTIALS]), engine=db.engine)
