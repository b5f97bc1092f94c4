"""The tables of resumable uploads, and of the objects that hold what has arrived of them."""

from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    case,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from open_event_uploads.accounts.user import User
from open_event_uploads.database.row import row_of
from open_event_uploads.database.types import Base, Id, UtcDateTime, new_id, now

# How long a resumable upload is kept after its last bytes.
UNFINISHED_TIME = timedelta(hours=24)

# How many one sender may have: each may hold a whole file that nobody sees.
MAX_UNFINISHED = 100

# The longest value of Upload-Metadata and of Upload-Concat.
MAX_HEADER_CHARACTERS = 8192


class ResumableColumns:
    """The columns of a resumable upload: what both its model and its row have."""

    __slots__ = ()

    # Without an owner, everybody who knows the id may continue the upload.
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    owner_id: Mapped[str | None] = mapped_column(Id, ForeignKey(User.id, ondelete="CASCADE"))
    # A digest of who sends it, for the bound on how many one sender may have.
    sender: Mapped[str] = mapped_column(String(32))
    # The bytes that are going to come; null as long as the client does not know.
    length: Mapped[int | None] = mapped_column(BigInteger)
    # The offset: the bytes that are durable, and acknowledged. In an upload that is made of it,
    # they all are: it is set in the transaction that inserts that upload.
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    # As the client sent it: the value of Upload-Metadata.
    sent_metadata: Mapped[str] = mapped_column(Text, default="")
    # As the client sent it: the value of Upload-Concat; empty for an ordinary one.
    concatenation: Mapped[str] = mapped_column(Text, default="")
    # What of the client's Repr-Digest is checked once the file is whole; empty for nothing.
    repr_digest: Mapped[str] = mapped_column(Text, default="")
    # Counts who wrote last: a request that was overtaken writes nothing more.
    fencing_token: Mapped[int] = mapped_column(default=0)
    # Whether a request is writing, as far as is known: its process may have ended.
    has_writer: Mapped[bool] = mapped_column(default=False)
    # While an upload is made of it, until that counts as failed.
    completing_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The upload that was made of it.
    upload_id: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def is_part(self) -> bool:
        """Return whether it becomes no upload, but a part of one (tus, "Concatenation")."""
        return self.concatenation == PART

    @property
    def is_whole(self) -> bool:
        """Return whether all of its bytes have arrived."""
        return self.received == self.length

    @property
    def is_finished(self) -> bool:
        """Return whether nothing more may be sent: it is whole, and became what it should."""
        return self.upload_id is not None or (self.is_part and self.is_whole)

    @property
    def reserved(self) -> int:
        """Return the bytes that count for its owner until an upload is made of it."""
        if self.upload_id is not None:
            return 0
        return self.received if self.length is None else self.length


PART = "partial"


_UNFINISHED = text("upload_id IS NULL")


class ResumableUpload(ResumableColumns, Base):
    """A file that arrives in pieces, over several requests."""

    __tablename__ = "resumable_uploads"
    __table_args__ = (
        Index(None, "expires_at", "id"),
        # A sender's finished ones, which stay for a day, are not counted one by one.
        Index(
            "ix_resumable_uploads_unfinished",
            "sender",
            sqlite_where=_UNFINISHED,
            postgresql_where=_UNFINISHED,
        ),
        Index(None, "owner_id"),
    )


@row_of(ResumableUpload)
class ResumableRow(ResumableColumns):
    """A resumable upload as it was read."""


class PieceColumns:
    """The columns of a piece.

    It ends where the next one begins; the last one, at what has been received.
    """

    __slots__ = ()

    resumable_id: Mapped[str] = mapped_column(
        Id, ForeignKey(ResumableUpload.id, ondelete="CASCADE"), primary_key=True
    )
    # The bytes of the file before it.
    start: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(200), unique=True)


class ResumablePiece(PieceColumns, Base):
    """An object in the storage that holds some of the bytes; it may hold more than counts."""

    __tablename__ = "resumable_pieces"


@row_of(ResumablePiece)
class PieceRow(PieceColumns):
    """A piece as it was read."""


def has_expired(row: ResumableColumns) -> bool:
    """Return whether its time is over: it is answered 404, and the sweeper removes it."""
    return row.expires_at <= now()


def reserved_bytes() -> ColumnElement[int]:
    """Return what `ResumableColumns.reserved` is, for a query."""
    table = ResumableUpload
    bytes_ = func.coalesce(table.length, table.received)
    return case((table.upload_id.is_not(None), 0), else_=bytes_)
