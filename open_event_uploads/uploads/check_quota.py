"""Refuse a new file by the head of its request, where its sender's quota has nothing left."""

from open_event_uploads.context import current_settings, db
from open_event_uploads.current import current_request
from open_event_uploads.imaging.formats import SVG
from open_event_uploads.jsonapi.idempotency_header import is_sent_again
from open_event_uploads.server.identity import current_user_id
from open_event_uploads.uploads.intake import is_raw
from open_event_uploads.uploads.quota import check_bytes


def check_quota_left() -> None:
    """Make sure that the file which a request brings may still be within its sender's limits.

    What is stored decides (`quota.count_bytes`); here is refused what cannot be within them. A
    request that is sent again stores nothing, and has its kept answer.

    Raises:
        QuotaExceeded, DailyQuotaExceeded: it cannot.
    """
    policy, user_id = current_settings().policy, current_user_id()
    if user_id is None or (policy.quota_bytes is None and policy.daily_bytes is None):
        return
    if not is_sent_again():
        check_bytes(user_id, _least_bytes(), policy=policy, engine=db.engine)


def _least_bytes() -> int:
    """Return the least number of bytes that will be stored.

    Metadata are taken out, text may surround the file, and SVG is sanitised.
    """
    settings = current_settings()
    is_stored_whole = settings.metadata == "keep" and SVG.media_type not in settings.media_types
    return max(current_request().content_length or 1, 1) if is_stored_whole and is_raw() else 1
