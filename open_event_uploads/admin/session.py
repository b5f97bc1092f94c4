"""Keep who is signed in to the pages, in a signed cookie that is sent to no other address.

It holds the content of an API session, so a new password, disabling or deleting the user ends it
with the next request.
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

# A working day, counted from signing in.
LIFETIME = timedelta(hours=12)

_PAGES = "/admin"
_USER, _CREDENTIALS, _ENDS = "user", "credentials", "ends"


class AdminSessions(SecureCookieSessionInterface):
    """Open Flask's sessions for the pages alone; elsewhere the cookie is not sent.

    Flask would prepare its signatures for every request.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Open the session of a page."""
        return super().open_session(app, request) if request.path.startswith(_PAGES) else None


def configure_sessions(app: Flask) -> None:
    """Hide the cookie from scripts, other sites and all other addresses."""
    app.session_interface = AdminSessions()
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
        # A form is valid as long as the session that it was made in.
        WTF_CSRF_TIME_LIMIT=None,
    )


def begin_session(user: Session) -> None:
    """Sign in a user whose credentials were checked.

    The session is cleared, so that a cookie planted by somebody else becomes worthless.
    """
    session.clear()
    session[_USER], session[_CREDENTIALS] = user.user_id, user.credentials_version
    session[_ENDS] = (now() + LIFETIME).timestamp()


def end_session() -> None:
    """Sign out."""
    session.clear()


def signed_in() -> Identity | None:
    """Return who is signed in by the cookie and still may be, or None."""
    if session.get(_ENDS, 0) <= now().timestamp():
        return None
    return identify(Session(session[_USER], session[_CREDENTIALS]), engine=db.engine)
