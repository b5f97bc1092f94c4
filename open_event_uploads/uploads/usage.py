"""The table of usage: the bytes that each user has stored, and has sent today."""

from datetime import date

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from open_event_uploads.accounts.user import User
from open_event_uploads.database.row import row_of
from open_event_uploads.database.types import Base, Id


class UsageColumns:
    """The columns of a user's usage."""

    __slots__ = ()

    user_id: Mapped[str] = mapped_column(
        Id, ForeignKey(User.id, ondelete="CASCADE"), primary_key=True
    )
    stored_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    # UTC; what was sent on it, even if it has been deleted since.
    day: Mapped[date]
    day_bytes: Mapped[int] = mapped_column(BigInteger, default=0)


class Usage(UsageColumns, Base):
    """The sum of one user's uploads, kept up by `quota.count_bytes`.

    It is made with the first of them and goes with the user.
    """

    __tablename__ = "usage"


@row_of(Usage)
class UsageRow(UsageColumns):
    """A user's usage as it was read."""
