"""Sign admins in to the pages by a signed cookie, which browsers send to these pages alone.

It holds what a session of the API holds, so a new password or role, a disabled or a deleted account
ends it with the next request. It also has an id, by which signing out ends it.
"""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from flask import Flask, Request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature

from open_event_uploads.accounts.authenticate import identify
from open_event_uploads.accounts.open_session import Session
from open_event_uploads.accounts.revoke_session import is_revoked, revoke_session
from open_event_uploads.context import current_settings, db
from open_event_uploads.database.types import new_id, now
from open_event_uploads.server.identity import Identity

# A working day, counted from signing in; use does not prolong it.
LIFETIME = timedelta(hours=12)

_PAGES = "/admin"
_ID, _USER, _CREDENTIALS, _ENDS = "id", "user", "credentials", "ends"


class AdminSessionInterface(SecureCookieSessionInterface):
    """Open sessions for pages alone: Flask would prepare its signatures for every request."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of a page; None for other requests, which have no cookie.

        Its content says when it ends. The library would void a cookie that was signed in the
        future: on a machine whose clock is ahead, or before a clock was set back.
        """
        if not request.path.startswith(_PAGES):
            return None
        serializer = self.get_signing_serializer(app)
        cookie = request.cookies.get(self.get_cookie_name(app))
        if serializer is None or cookie is None:
            return self.session_class()
        try:
            return self.session_class(serializer.loads(cookie))
        except BadSignature:
            return self.session_class()


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

    The old session ends first, so a cookie that somebody else planted becomes worthless.
    """
    end_session()
    session[_ID] = new_id()
    session[_USER], session[_CREDENTIALS] = opened.user_id, opened.credentials_version
    session[_ENDS] = (now() + LIFETIME).timestamp()


def end_session() -> None:
    """Sign the user out: the browser loses its cookie, and copies of it become void.

    While `UPLOADS_READ_ONLY` is on nothing can be written down, so copies stay valid.
    """
    if not current_settings().read_only and (session_id := _session_id()):
        ends = datetime.fromtimestamp(session[_ENDS], UTC)
        revoke_session(session_id, ends, engine=db.engine)
    session.clear()


def identify_by_cookie() -> Identity | None:
    """Return the sender that the cookie names and the database confirms; None for a stranger."""
    session_id = _session_id()
    if session_id is None or is_revoked(session_id, engine=db.engine):
        return None
    return identify(Session(session[_USER], session[_CREDENTIALS]), engine=db.engine)


def _session_id() -> str | None:
    """Return the id of a session that has not expired; those of earlier versions have none."""
    if session.get(_ENDS, 0) <= now().timestamp():
        return None
    found: str | None = session.get(_ID)
    return found
