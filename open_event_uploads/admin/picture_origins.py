"""Compute the origins from which a page may load pictures."""

from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

from open_event_uploads.context import current_settings, current_storage
from open_event_uploads.errors import StorageUnavailable
from open_event_uploads.storage.contract import Presigner


def picture_origins() -> str:
    """Return the sources of `img-src` beside `'self'`, the targets of redirects among them.

    A redirect is checked too (CSP 3, section 4.1.2).
    """
    parts = [urlsplit(each) for each in (current_settings().media_url, *_redirect_targets())]
    return " ".join(sorted({f"{each.scheme}://{each.netloc}" for each in parts}))


def _redirect_targets() -> list[str]:
    """Return a URL in the bucket if requests for private pictures are redirected there."""
    storage = current_storage()
    if current_settings().private_redirect and isinstance(storage, Presigner):
        with suppress(StorageUnavailable):  # then there is no picture to show either
            return [storage.presigned_get("any", timedelta(seconds=1), {})]
    return []
