"""The table of presets."""

from sqlalchemy import Float, String
from sqlalchemy.orm import Mapped, mapped_column

from open_event_uploads.database.row import row_of
from open_event_uploads.database.types import Base, Id, new_id


class SavedPresetColumns:
    """The columns of a preset: what both the model and the row have."""

    __slots__ = ()

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    width: Mapped[int | None]
    height: Mapped[int | None]
    fit: Mapped[str] = mapped_column(String(10), default="inside")
    focal_x: Mapped[float] = mapped_column(Float, default=0.5)
    focal_y: Mapped[float] = mapped_column(Float, default=0.5)
    encoding: Mapped[str] = mapped_column(String(10), default="webp")
    quality: Mapped[int] = mapped_column(default=80)
    # Counts changes; If-Match compares it, and an update of another version fails.
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class SavedPreset(SavedPresetColumns, Base):
    """A preset in a session; `imaging/preset.py` describes its columns."""

    __tablename__ = "presets"

    __mapper_args__ = {"version_id_col": SavedPresetColumns.version}  # noqa: RUF012 - SQLAlchemy's own


@row_of(SavedPreset)
class SavedPresetRow(SavedPresetColumns):
    """A preset as it was read."""
