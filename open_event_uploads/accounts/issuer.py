"""Describe another service whose tokens are accepted, and what one of them says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Claims:
    """Hold the claims of a verified token.

    Args:
        issuer: of the token; empty if it names none.
        subject: the issuer's id of the user.
        name: of the user, for people.
        expires_at: when the token expires; the year 9999 if it is later than that.
    """

    issuer: str
    subject: str
    name: str
    expires_at: datetime


class Issuer(Protocol):
    """Another service whose tokens are accepted."""

    @property
    def creates_users(self) -> bool:
        """Return whether an unknown subject becomes a member."""

    def read(self, token: str) -> Claims | None:
        """Return the claims of a token, or None if it is not valid."""
