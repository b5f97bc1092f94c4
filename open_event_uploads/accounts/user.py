"""Define users, who send requests and own uploads."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Index, String, true
from sqlalchemy.orm import Mapped, mapped_column

from open_event_uploads.accounts.email import MAX_CHARACTERS
from open_event_uploads.database.row import row_of
from open_event_uploads.database.types import Base, Id, UtcDateTime, new_id, now

Role = Literal["admin", "member"]
ROLES: tuple[Role, ...] = ("admin", "member")

NAME_MAX_CHARACTERS = 200
SUBJECT_MAX_CHARACTERS = 255


class UserColumns:
    """Declare the columns of the model and the row."""

    __slots__ = ()

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(NAME_MAX_CHARACTERS))
    # As `normalize_email` returns it.
    email: Mapped[str | None] = mapped_column(String(MAX_CHARACTERS))
    role: Mapped[str] = mapped_column(String(10), default="member", server_default="member")
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    password_hash: Mapped[str | None] = mapped_column(String(200))
    # Counts changes of the credentials: sessions of an earlier count are not valid.
    credentials_version: Mapped[int] = mapped_column(default=1, server_default="1")
    issuer: Mapped[str | None] = mapped_column(String(SUBJECT_MAX_CHARACTERS))
    subject: Mapped[str | None] = mapped_column(String(SUBJECT_MAX_CHARACTERS))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)
    # Counts changes, for If-Match and optimistic locking.
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class User(UserColumns, Base):
    """Store one person or program.

    A user signs in with email and password. A service account has neither and uses tokens; a user
    of another service has an issuer and a subject instead.
    """

    __tablename__ = "users"
    __table_args__ = (
        Index(None, "email", unique=True),
        # A subject is unique within its issuer (RFC 7519, section 4.1.2).
        Index(None, "issuer", "subject", unique=True),
        Index(None, "created_at", "id"),
        Index(None, "name", "id"),
    )

    __mapper_args__ = {"version_id_col": UserColumns.version}  # noqa: RUF012 - SQLAlchemy's own

    def __repr__(self) -> str:
        return f"User(id={self.id!r})"


@row_of(User)
class UserRow(UserColumns):
    """Hold a user as it was read."""
