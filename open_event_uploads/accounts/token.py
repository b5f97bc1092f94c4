"""Long-lived tokens."""

import hashlib
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from open_event_uploads.accounts.user import User
from open_event_uploads.database.row import row_of
from open_event_uploads.database.types import Base, Id, UtcDateTime, new_id, now

# What a token may be limited to: reading or writing one type of resource.
SCOPES = tuple(
    f"{type_}:{verb}"
    for type_ in ("presets", "tokens", "uploads", "users")
    for verb in ("read", "write")
)

# Secret scanners know leaked tokens by how they begin.
PREFIX = "oeu_"


class TokenColumns:
    """The columns of a token: what both the model and the row have."""

    __slots__ = ()

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey(User.id))
    name: Mapped[str] = mapped_column(String(200), default="")
    # Between spaces (RFC 6749, section 3.3); null for everything that its user may do.
    scope: Mapped[str | None] = mapped_column(Text)
    token_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def scopes(self) -> frozenset[str] | None:
        """What it is limited to; None for no limit."""
        return None if self.scope is None else frozenset(self.scope.split())


class Token(TokenColumns, Base):
    """One token; what it says is known to its holder alone, and here only its digest is kept."""

    __tablename__ = "tokens"
    __table_args__ = (
        Index(None, "token_hash", unique=True),
        Index(None, "user_id", "created_at", "id"),
        Index(None, "created_at", "id"),
    )

    owner: Mapped[User] = relationship()

    def __repr__(self) -> str:
        return f"Token(id={self.id!r})"


@row_of(Token)
class TokenRow(TokenColumns):
    """A token as it was read."""


def digest(secret: str) -> str:
    """What is kept of a token: 256 random bits need no slow hash, as a password does."""
    return hashlib.sha256(secret.encode()).hexdigest()
