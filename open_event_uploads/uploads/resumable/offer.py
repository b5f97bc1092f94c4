"""Describe what is offered to clients of resumable uploads, for `/v1/policies/current`."""

from typing import Any

from open_event_uploads.settings import Settings
from open_event_uploads.uploads.resumable import draft, tus
from open_event_uploads.uploads.resumable.addresses import COLLECTION
from open_event_uploads.uploads.resumable.model import MAX_UNFINISHED, UNFINISHED_TIME


def describe_offer(settings: Settings) -> dict[str, Any]:
    """Return the protocols, the address at which uploads begin, and the limits of unfinished ones.

    Args:
        settings: in force.
    """
    drafts = [draft.VERSION] if settings.resumable_draft else []
    return {
        "protocols": [f"tus-{tus.VERSION}", *drafts],
        "url": f"{settings.public_url}{COLLECTION}",
        "extensions": [*tus.EXTENSIONS],
        "checksum-algorithms": [*tus.ALGORITHMS],
        "max-unfinished": MAX_UNFINISHED,
        "expires-after": int(UNFINISHED_TIME.total_seconds()),
    }
