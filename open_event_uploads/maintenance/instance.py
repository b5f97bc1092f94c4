"""Identify this database."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from open_event_uploads.database.types import Base, Id, UtcDateTime


class Instance(Base):
    """Store the one row, written by the first migration, whose id is the storage's marker."""

    __tablename__ = "instance"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # The end of the sweeper's last run that was no dry run; null before the first.
    swept_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    swept: Mapped[int | None]
    swept_orphans: Mapped[int | None]
    # A digest of all presets at the sweeper's last run, and since when it has this value: variants
    # of other presets are stale a while later.
    presets_digest: Mapped[str | None] = mapped_column(String(64))
    presets_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
