"""The table of uploads: the metadata of each stored file."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    and_,
    bindparam,
    literal_column,
    or_,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from open_event_uploads.accounts.user import User
from open_event_uploads.database.row import row_of
from open_event_uploads.database.types import Base, Id, UtcDateTime, is_id, new_ordered_id, now

# Direct uploads whose bytes have not arrived, and those whose bytes were refused.
UNPUBLISHED = frozenset({"pending", "rejected"})

_WITHOUT_ALT, _PRIVATE = "alt = ''", "visibility = 'private'"
_NOT_READY, _LEASED = "status <> 'ready'", "expires_at IS NOT NULL"
_STRIPPED = "received_checksum <> checksum"


def _partial_index(name: str, condition: str, *columns: str) -> Index:
    """Return an index of the uploads that meet a condition; queries must spell it alike."""
    where = text(condition)
    columns = columns or ("created_at", "id")
    return Index(f"ix_uploads_{name}", *columns, sqlite_where=where, postgresql_where=where)


class UploadColumns:
    """The columns of an upload: what both its model and its row have."""

    __slots__ = ()

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_ordered_id)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    # `ready`, `pending`, `rejected` or `quarantined`; only bytes of ready ones are served.
    status: Mapped[str] = mapped_column(String(20), default="ready")
    # `public` or `private`, as the beginning of the key shows too.
    visibility: Mapped[str] = mapped_column(String(10), default="public", server_default="public")
    filename: Mapped[str] = mapped_column(String(120))
    alt: Mapped[str] = mapped_column(Text, default="")
    caption: Mapped[str] = mapped_column(Text, default="", server_default="")
    credit: Mapped[str] = mapped_column(Text, default="", server_default="")
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
    # The end of its lease: from then on it is answered 404. Null: kept for good.
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What `expires_at` becomes when a pending upload is published; null: by the settings.
    kept_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Why a rejected one was: members of an error object.
    refusal: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Upload(UploadColumns, Base):
    """One file and its metadata. A committed row that is `ready` has its bytes in the storage."""

    __tablename__ = "uploads"
    # Each sort key and filter has an index that ends with what breaks ties. Where uploads are
    # counted it holds the end of the lease too, so that `is_kept` is answered without their rows.
    __table_args__ = (
        Index(None, "created_at", "id", "expires_at"),
        Index(None, "size", "id", "expires_at"),
        Index(None, "filename", "id"),
        Index(None, "media_type", "created_at", "id", "expires_at"),
        Index(None, "checksum"),
        Index(None, "owner_id", "created_at", "id", "expires_at"),
        # Files are served as they were received, unless something was taken out of them.
        _partial_index("stripped", _STRIPPED, "received_checksum"),
        # What is looked for because there should be little of it.
        _partial_index("without_alt", _WITHOUT_ALT),
        _partial_index("private", _PRIVATE),
        _partial_index("not_ready", _NOT_READY),
        _partial_index("leased", _LEASED, "expires_at", "id"),
    )

    owner: Mapped[User | None] = relationship()

    __mapper_args__ = {"version_id_col": UploadColumns.version}  # noqa: RUF012 - SQLAlchemy's own


@row_of(Upload)
class UploadRow(UploadColumns):
    """An upload as it was read."""


def find_upload(id_: str, session: Session) -> Upload | None:
    """Return the upload with this id; None if there is none, or if its lease is over."""
    found = session.get(Upload, id_) if is_id(id_) else None
    return None if found is None or has_expired(found) else found


def has_expired(upload: UploadColumns) -> bool:
    """Return whether its lease is over: it is answered 404, and the sweeper removes it."""
    return upload.expires_at is not None and upload.expires_at <= now()


def is_kept() -> ColumnElement[bool]:
    """Select uploads whose lease is not over: for every query that finds uploads for users.

    The time is that at which the query is sent, however long ago it was compiled.
    """
    sent_at = bindparam(None, callable_=now, type_=UtcDateTime)
    return or_(Upload.expires_at.is_(None), Upload.expires_at > sent_at)


def is_over(at: datetime) -> ColumnElement[bool]:
    """Select uploads whose lease is over at one moment."""
    return Upload.expires_at <= at


def is_served() -> ColumnElement[bool]:
    """Select uploads whose bytes are served."""
    return and_(Upload.status == "ready", is_kept())


def is_published() -> ColumnElement[bool]:
    """Select uploads whose bytes are promised to be there: all but unpublished direct uploads."""
    return Upload.status.not_in(UNPUBLISHED)


def has_bytes(checksum: str) -> ColumnElement[bool]:
    """Select uploads of the same bytes, be it as they were sent or as they are served."""
    is_stripped = Upload.received_checksum != Upload.checksum
    return or_(Upload.checksum == checksum, and_(is_stripped, Upload.received_checksum == checksum))


def is_not_ready() -> ColumnElement[bool]:
    """Select uploads whose bytes are not served; a bound value would miss the index."""
    return Upload.status != literal_column("'ready'")


def without_alt() -> ColumnElement[bool]:
    """Select uploads without alt text; a bound value would miss the index."""
    return Upload.alt == literal_column("''")


def is_private() -> ColumnElement[bool]:
    """Select private uploads; a bound value would miss the index."""
    return Upload.visibility == literal_column("'private'")
