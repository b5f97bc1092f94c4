"""Revoke a session of the admin pages, for all workers at once."""

from contextlib import suppress
from datetime import datetime
from functools import partial

from sqlalchemy import Engine, bindparam, delete, select
from sqlalchemy.exc import IntegrityError

from open_event_uploads.accounts.revoked_session import RevokedSession, RevokedSessionRow
from open_event_uploads.database.read import Query
from open_event_uploads.database.rows import insert
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.types import now
from open_event_uploads.database.write import write

_BY_ID = Query(select(RevokedSession.id).where(RevokedSession.id == bindparam("id")))


def revoke_session(session_id: str, expires_at: datetime, *, engine: Engine) -> None:
    """Void every copy of a session's cookie, and forget sessions that have expired.

    Args:
        session_id: a UUID.
        expires_at: when the cookie expires.
        engine: of the database.

    Raises:
        DatabaseUnavailable: it is still valid.
    """
    with suppress(IntegrityError):  # revoked already
        write(engine, partial(_insert, session_id, expires_at))


def is_revoked(session_id: str, *, engine: Engine) -> bool:
    """Return whether a session was revoked."""
    return _BY_ID.first(engine, {"id": session_id}) is not None


def _insert(session_id: str, expires_at: datetime, execute: Execute) -> None:
    execute(delete(RevokedSession).where(RevokedSession.expires_at <= now()))
    insert(execute, RevokedSessionRow, {"id": session_id, "expires_at": expires_at})
