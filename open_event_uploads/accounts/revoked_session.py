"""Define sessions of the admin pages that ended before they expired."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from open_event_uploads.database.row import row_of
from open_event_uploads.database.types import Base, Id, UtcDateTime


class RevokedSessionColumns:
    """Declare the columns of the model and the row."""

    __slots__ = ()

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    # When the cookie expires by itself, after which the row is not needed.
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RevokedSession(RevokedSessionColumns, Base):
    """Store one session whose user has signed out.

    These are stored, and not the sessions that go on, so that signing in writes nothing and works
    while `UPLOADS_READ_ONLY` is on.
    """

    __tablename__ = "revoked_sessions"
    __table_args__ = (Index(None, "expires_at"),)


@row_of(RevokedSession)
class RevokedSessionRow(RevokedSessionColumns):
    """Hold a revoked session as it was read."""
