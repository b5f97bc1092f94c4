"""Define edits: what an admin changed on the pages, kept for an hour to be undone."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from open_event_uploads.accounts.user import User
from open_event_uploads.database.row import row_of
from open_event_uploads.database.types import Base, Id, UtcDateTime, new_id, now

# How long an edit can be continued and undone after it was last worked on.
LIFETIME = timedelta(hours=1)
# How many edits of one admin are kept.
MAX_EDITS = 20
# How many uploads one edit changes.
MAX_UPLOADS = 1000

# What became of an upload in an edit: not tried yet, changed, had these values already, or not
# changed for a reason.
WAITING, CHANGED, SAME, REFUSED = "waiting", "changed", "same", "refused"

_OBJECT = JSON(none_as_null=True)


class EditColumns:
    """Declare the columns of the model and the row."""

    __slots__ = ()

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey(User.id, ondelete="CASCADE"))
    # What every upload gets, by attribute as in a document; null as long as that is not decided.
    # Empty where each upload gets values of its own.
    attributes: Mapped[dict[str, Any] | None] = mapped_column(_OBJECT)
    # The edit that this one takes back.
    undoes: Mapped[str | None] = mapped_column(Id)
    # Whether it was taken back: what waits is not tried any more.
    undone: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(
        UtcDateTime, default=lambda: now() + LIFETIME, onupdate=lambda: now() + LIFETIME
    )


class Edit(EditColumns, Base):
    """Store one change that an admin made, of one or several uploads."""

    __tablename__ = "edits"
    __table_args__ = (Index(None, "user_id", "created_at", "id"), Index(None, "expires_at"))


@row_of(Edit)
class EditRow(EditColumns):
    """Hold an edit as it was read."""


class EditedUploadColumns:
    """Declare the columns of the model and the row."""

    __slots__ = ()

    edit_id: Mapped[str] = mapped_column(
        Id, ForeignKey(Edit.id, ondelete="CASCADE"), primary_key=True
    )
    # Its place in the edit.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # Deleted uploads stay in the report.
    upload_id: Mapped[str] = mapped_column(Id)
    # The version that the admin has seen, and that is changed; no other.
    version: Mapped[int]
    # Its own values, by attribute as in a document; null where it gets those of the edit.
    attributes: Mapped[dict[str, Any] | None] = mapped_column(_OBJECT)
    outcome: Mapped[str] = mapped_column(String(10), default=WAITING)
    # What it had before, of what was changed.
    former: Mapped[dict[str, Any] | None] = mapped_column(_OBJECT)
    # Why it was not changed, for people.
    reason: Mapped[str] = mapped_column(Text, default="")


class EditedUpload(EditedUploadColumns, Base):
    """Store what one edit does to one upload."""

    __tablename__ = "edited_uploads"


@row_of(EditedUpload)
class EditedUploadRow(EditedUploadColumns):
    """Hold what an edit does to an upload, as it was read."""
