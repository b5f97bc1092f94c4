"""The table of idempotency keys and the replies that are kept with them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from open_event_uploads.database.row import row_of
from open_event_uploads.database.types import Base, Id, UtcDateTime, new_id


class IdempotencyKeyColumns:
    """The columns of an idempotency key: what both the model and the row have."""

    __slots__ = ()

    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    # Of the attempt that runs: one that was taken for dead must not overwrite a later one's reply.
    attempt: Mapped[str] = mapped_column(Id, default=new_id)
    fingerprint: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[int | None]
    location: Mapped[str | None] = mapped_column(String(2000))
    entity_tag: Mapped[str | None] = mapped_column(String(100))
    document: Mapped[bytes | None] = mapped_column(LargeBinary)


class IdempotencyKey(IdempotencyKeyColumns, Base):
    """A key that a client chose for one request: reserved while it runs, then with its reply.

    `status` is null while the request runs.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index(None, "expires_at"),)


@row_of(IdempotencyKey)
class IdempotencyKeyRow(IdempotencyKeyColumns):
    """An idempotency key as it was read."""
