"""Check the end of a lease: until when an upload is kept."""

from datetime import datetime

from open_event_uploads.database.types import now
from open_event_uploads.errors import InvalidAttribute, Sentence
from open_event_uploads.settings import LONGEST_LEASE


def check_lease(expires_at: datetime | None) -> None:
    """Check the end of a lease.

    Args:
        expires_at: with its zone; None for no end.

    Raises:
        InvalidAttribute: it is over already, or too far away.
    """
    if expires_at is None:
        return
    if expires_at <= now():
        raise InvalidAttribute("The time must be in the future.", attribute="expires-at")
    if expires_at > now() + LONGEST_LEASE:
        raise InvalidAttribute(
            Sentence(
                "A lease lasts %(days)s days at most; null keeps an upload for good.",
                days=LONGEST_LEASE.days,
            ),
            attribute="expires-at",
        )
