"""Define long-lived tokens."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship, remote

from open_event_uploads.accounts.user import User
from open_event_uploads.database.row import row_of
from open_event_uploads.database.types import Base, Id, UtcDateTime, new_id, now

# A scope allows to read or write one type of resource.
SCOPES = tuple(
    f"{type_}:{verb}"
    for type_ in ("presets", "tokens", "uploads", "users")
    for verb in ("read", "write")
)

# Secret scanners recognize leaked tokens by it.
PREFIX = "oeu_"

# How old `last_used_at` may be: its updates cost a write each.
USE_KNOWN_TO = timedelta(minutes=5)


# Of one user, without those that have expired: as many as one page of a list shows at most by
# default, so that whoever looks for a leaked one sees all of them.
MAX_TOKENS = 100


class TokenColumns:
    """Declare the columns of the model and the row."""

    __slots__ = ()

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey(User.id))
    # The token that created it; null if a person or the command line did. No foreign key: a parent
    # may be copied after its child (`move-database`), and is never deleted without it.
    parent_id: Mapped[str | None] = mapped_column(Id)
    name: Mapped[str] = mapped_column(String(200), default="")
    # Separated by spaces (RFC 6749, section 3.3); null for everything that its user may do.
    scope: Mapped[str | None] = mapped_column(Text)
    token_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def scopes(self) -> frozenset[str] | None:
        """Return the scopes that the token is limited to; None for no limit."""
        return None if self.scope is None else frozenset(self.scope.split())


class Token(TokenColumns, Base):
    """Store one token: the digest of a secret that only its holder knows."""

    __tablename__ = "tokens"
    __table_args__ = (
        Index(None, "token_hash", unique=True),
        Index(None, "user_id", "created_at", "id"),
        Index(None, "created_at", "id"),
    )

    owner: Mapped[User] = relationship()
    parent: Mapped["Token | None"] = relationship(
        primaryjoin=lambda: foreign(Token.parent_id) == remote(Token.id), viewonly=True
    )

    def __repr__(self) -> str:
        return f"Token(id={self.id!r})"


@row_of(Token)
class TokenRow(TokenColumns):
    """Hold a token as it was read."""


def digest(secret: str) -> str:
    """Return the digest that is stored; 256 random bits, unlike passwords, need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
