"""The sender of the request under way."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from open_event_uploads.current import current_g

How = Literal["token", "session", "issuer"]


@dataclass(frozen=True, slots=True)
class Identity:
    """The sender of a request.

    Args:
        user_id: the id of an active user.
        role: of the user, now.
        scopes: what the request is limited to; None for everything that the user may do.
        how: by a token, a session, or a token of another service.
        token_id: of the token, if the sender is known by one of ours.
        expires_at: when the token of any service expires; None for never, and for a session.
    """

    user_id: str
    role: str
    scopes: frozenset[str] | None
    how: How
    token_id: str | None = None
    expires_at: datetime | None = None

    @property
    def is_admin(self) -> bool:
        """Return True for an admin."""
        return self.role == "admin"

    def has_scope(self, scope: str) -> bool:
        """Return whether the request may do what this scope stands for, as far as scopes go."""
        return self.scopes is None or scope in self.scopes


def current_identity() -> Identity | None:
    """Return the sender of the request; None for anybody."""
    found: Identity | None = current_g().get("identity")
    return found


def current_user_id() -> str | None:
    """Return the id of the user who sends the request; None for anybody."""
    found = current_identity()
    return None if found is None else found.user_id
