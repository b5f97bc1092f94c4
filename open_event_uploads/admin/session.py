"""Who is signed in to the pages: a signed cookie that is sent to nothing else.

It holds what a session of the API says, so another password, being disabled or being removed
ends it with the next request.
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

# A working day, from signing in; whoever is still there signs in again.
LIFE = timedelta(hours=12)

_PAGES = "/admin"
_USER, _CREDENTIALS, _ENDS = "user", "credentials", "ends"


class SessionsOfPages(SecureCookieSessionInterface):
    """Flask's own sessions, and none for what is no page: nothing else is sent the cookie.

    Flask would get its signatures ready for each request.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of a page."""
        return super().open_session(app, request) if request.path.startswith(_PAGES) else None


def configure_sessions(app: Flask) -> None:
    """Keep the cookie from scripts, from other sites, and from every address but these."""
    app.session_interface = SessionsOfPages()
    with app.app_context():
        public = urlsplit(current_settings().public_url)
    app.config.update(
        SESSION_COOKIE_NAME="uploads_admin",
        SESSION_COOKIE_PATH=f"{public.path}{_PAGES}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=public.scheme == "https",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=LIFE,
        # A form is as good as the session that it was made in.
        WTF_CSRF_TIME_LIMIT=None,
    )


def begin_session(opened: Session) -> None:
    """Sign somebody in who has just proved who they are.

    Nothing of before stays: a cookie that somebody else planted is worth nothing afterwards.
    """
    session.clear()
    session[_USER], session[_CREDENTIALS] = opened.user_id, opened.credentials_version
    session[_ENDS] = (now() + LIFE).timestamp()


def end_session() -> None:
    """Sign out."""
    session.clear()


def signed_in() -> Identity | None:
    """Who sends the request, as its cookie says and the database confirms; None for anybody."""
    if session.get(_ENDS, 0) <= now().timestamp():
        return None
    return identify(Session(session[_USER], session[_CREDENTIALS]), engine=db.engine)
