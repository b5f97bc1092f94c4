"""Define saved filters of the list of uploads."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from open_event_uploads.accounts.user import User
from open_event_uploads.database.row import row_of
from open_event_uploads.database.types import Base, Id, UtcDateTime, new_id, now

NAME_MAX_CHARACTERS = 80
QUERY_MAX_CHARACTERS = 2000
# How many one admin may save.
MAX_FILTERS = 50


class SavedFilterColumns:
    """Declare the columns of the model and the row."""

    __slots__ = ()

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey(User.id, ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(NAME_MAX_CHARACTERS))
    # The query of the list's URL, as this or an older version wrote it.
    query: Mapped[str] = mapped_column(Text)
    # Whether all admins see it, and may change it.
    shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class SavedFilter(SavedFilterColumns, Base):
    """Store what one admin filters the list of uploads by."""

    __tablename__ = "saved_filters"
    __table_args__ = (Index(None, "user_id", "name"),)


@row_of(SavedFilter)
class SavedFilterRow(SavedFilterColumns):
    """Hold a saved filter as it was read."""
