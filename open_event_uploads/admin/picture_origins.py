"""Where browsers may fetch the pictures of a page from."""

from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

from open_event_uploads.context import current_settings, current_storage
from open_event_uploads.errors import StorageUnavailable
from open_event_uploads.storage.contract import Presigner


def picture_origins() -> str:
    """What `img-src` says beside `'self'`; a redirect is held to it too (CSP 3, section 4.1.2)."""
    addresses = [current_settings().media_url, *_redirected()]
    parts = [urlsplit(each) for each in addresses]
    return " ".join(sorted({f"{each.scheme}://{each.netloc}" for each in parts}))


def _redirected() -> list[str]:
    """An address in the bucket, where private pictures come from there."""
    storage = current_storage()
    if current_settings().private_redirect and isinstance(storage, Presigner):
        with suppress(StorageUnavailable):  # then there is no picture to show either
            return [storage.presigned_get("any", timedelta(seconds=1), {})]
    return []
