"""Find the origins from which a page may load images."""

from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

from open_event_uploads.context import current_settings, current_storage
from open_event_uploads.errors import StorageUnavailable
from open_event_uploads.storage.contract import Presigner


def picture_origins() -> str:
    """Return the origins for `img-src`, which redirects need too (CSP 3, section 4.1.2)."""
    addresses = [current_settings().media_url, *_redirected()]
    parts = [urlsplit(each) for each in addresses]
    return " ".join(sorted({f"{each.scheme}://{each.netloc}" for each in parts}))


def _redirected() -> list[str]:
    """Return a URL in the bucket if private files are redirected there."""
    storage = current_storage()
    if current_settings().private_redirect and isinstance(storage, Presigner):
        with suppress(StorageUnavailable):  # then there are no images to load either
            return [storage.presigned_get("any", timedelta(seconds=1), {})]
    return []
