"""Which database this is."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from open_event_uploads.database.row import row_of
from open_event_uploads.database.types import Base, Id, UtcDateTime


class InstanceColumns:
    """The columns of the instance."""

    __slots__ = ()

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Of the sweeper's last run that removed what it found; null before the first.
    swept_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    swept: Mapped[int | None]
    swept_orphans: Mapped[int | None]
    # The digests of all presets as the sweeper found them last, and since when they are these:
    # what was made by others is stale a while after.
    presets_digest: Mapped[str | None] = mapped_column(String(64))
    presets_since: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Instance(InstanceColumns, Base):
    """The one row, written by the first migration, whose id the storage carries as its marker."""

    __tablename__ = "instance"


@row_of(Instance)
class InstanceRow(InstanceColumns):
    """The instance as it was read."""
