"""What is known of each stored file."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from open_event_uploads.models.base import Base, Id, UtcDateTime, new_id, now
from open_event_uploads.models.user import User

ALT_MAX_CHARACTERS = 2000

_WITHOUT_ALT, _PRIVATE = "alt = ''", "visibility = 'private'"


def _few(name: str, condition: str) -> Index:
    """An index of the uploads alone that meet a condition; queries must spell it just so."""
    where = text(condition)
    columns = ("created_at", "id")
    return Index(f"ix_uploads_{name}", *columns, sqlite_where=where, postgresql_where=where)


class Upload(Base):
    """One file and its metadata. A committed row always has its bytes in the storage."""

    __tablename__ = "uploads"
    # Each sort key and filter has an index that ends with what breaks ties.
    __table_args__ = (
        Index(None, "created_at", "id"),
        Index(None, "size", "id"),
        Index(None, "filename", "id"),
        Index(None, "media_type", "created_at", "id"),
        Index(None, "checksum"),
        Index(None, "received_checksum"),
        Index(None, "owner_id", "created_at", "id"),
        # What is looked for because there should be little of it.
        _few("without_alt", _WITHOUT_ALT),
        _few("private", _PRIVATE),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    status: Mapped[str] = mapped_column(String(20), default="ready")
    # `public` or `private`, as the key says too.
    visibility: Mapped[str] = mapped_column(String(10), default="public", server_default="public")
    filename: Mapped[str] = mapped_column(String(120))
    alt: Mapped[str] = mapped_column(Text, default="")
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    checksum: Mapped[str] = mapped_column(String(71))
    # Of what was sent, which may have held more: what "the same bytes again" compares with.
    received_checksum: Mapped[str] = mapped_column(String(71))
    # Of a picture made of pixels; other files have none of these.
    width: Mapped[int | None]
    height: Mapped[int | None]
    frames: Mapped[int | None]
    placeholder: Mapped[str | None] = mapped_column(String(60))
    color: Mapped[str | None] = mapped_column(String(7))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    # Counts changes: what If-Match compares, and what keeps two writers apart.
    version: Mapped[int] = mapped_column(default=1)
    owner_id: Mapped[str | None] = mapped_column(Id, ForeignKey(User.id))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)

    owner: Mapped[User | None] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own


def without_alt() -> ColumnElement[bool]:
    """Nobody has described them; a bound value would miss the index."""
    return Upload.alt == literal_column("''")


def is_private() -> ColumnElement[bool]:
    """Not everybody may see them; a bound value would miss the index."""
    return Upload.visibility == literal_column("'private'")
