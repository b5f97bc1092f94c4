"""Identify this database."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from open_event_uploads.database.row import row_of
from open_event_uploads.database.types import Base, Id, UtcDateTime


class InstanceColumns:
    """Declare the columns of the model and the row."""

    __slots__ = ()

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


class Instance(InstanceColumns, Base):
    """Store the one row, written by the first migration, whose id is the storage's marker."""

    __tablename__ = "instance"


@row_of(Instance)
class InstanceRow(InstanceColumns):
    """Hold the instance as it was read."""
