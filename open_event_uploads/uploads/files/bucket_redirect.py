"""Redirect to the bucket for private pictures, by a URL that works for a minute."""

from datetime import timedelta
from functools import partial

from flask import Response

from open_event_uploads.context import current_settings, current_storage, db
from open_event_uploads.current import current_application, current_request
from open_event_uploads.database.types import now
from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.imaging.formats import MEDIA_TYPES, FileFormat, format_of_key
from open_event_uploads.storage.contract import Presigner
from open_event_uploads.storage.keys import is_private
from open_event_uploads.uploads.files.content_disposition import content_disposition
from open_event_uploads.uploads.files.download_link import link_left
from open_event_uploads.uploads.files.find_file import missing
from open_event_uploads.uploads.files.headers import PRIVATE
from open_event_uploads.uploads.files.open_file import name_of_variant
from open_event_uploads.uploads.files.provide_variant import provide_variant
from open_event_uploads.uploads.model import UploadColumns
from open_event_uploads.variants.preset_cache import current_presets

# A client that may no longer open a file can still do so for as long.
LONGEST = timedelta(seconds=60)
_SHORTEST = timedelta(seconds=1)

# RFC 9110, section 13.1.
_CONDITIONS = ("If-Match", "If-None-Match", "If-Range", "If-Modified-Since", "If-Unmodified-Since")


def redirect_to_bucket(upload: UploadColumns, key: str) -> Response | None:
    """Redirect to the bytes of a private picture for a minute; None where this server sends them.

    This server sends whatever a bucket would serve less safely, or not at all:

    - Types that browsers could run: a bucket sends no Content-Security-Policy. No other type is
      taken for a page or a script even without `nosniff` (WHATWG MIME Sniffing, section 7; Fetch,
      "should response to request be blocked due to its MIME type").
    - HEAD, because the method is signed too (Signature Version 4, "canonical request").
    - Requests with a condition: the tags that clients know are ours, and a bucket has others.

    The method stays what it was (RFC 9110, section 15.4.8).

    Args:
        upload: that may be opened.
        key: its own, or of one of its variants.

    Raises:
        NotFound: there is no such variant.
    """
    storage = current_storage()
    is_wanted = current_settings().private_redirect and is_private(key) and _is_plain_get()
    if not is_wanted or not isinstance(storage, Presigner):
        return None
    life = _life(upload)
    if life < _SHORTEST:
        return None
    format_, filename = _described(upload, key)
    if format_.media_type not in MEDIA_TYPES:
        return None
    headers = {
        "Content-Type": format_.content_type,
        "Content-Disposition": content_disposition(format_, filename),
        "Cache-Control": PRIVATE,
    }
    return _redirect(storage.presigned_get(key, life, headers))


def _is_plain_get() -> bool:
    request = current_request()
    return request.method == "GET" and not any(name in request.headers for name in _CONDITIONS)


def _life(upload: UploadColumns) -> timedelta:
    """Return the life of the address: no longer than the lease, and the link that was followed."""
    lease = upload.expires_at - now() if upload.expires_at else None
    return min(each for each in (LONGEST, lease, link_left()) if each is not None)


def _described(upload: UploadColumns, key: str) -> tuple[FileFormat, str]:
    """Return the format and the name of the bytes; makes the variant where it is missing."""
    if key == upload.key:
        return format_of_key(key), upload.filename
    try:
        format_ = provide_variant(
            upload,
            key,
            presets=partial(current_presets, fresh=True),
            engine=db.engine,
            storage=current_storage(),
        )
    except ObjectNotFound:
        raise missing(upload, db.engine) from None
    return format_, name_of_variant(upload, format_)


def _redirect(location: str) -> Response:
    response = current_application().response_class(
        status=307,
        headers={
            "Location": location,
            "Cache-Control": "private, no-store",
            # Asked of every answer on the way (Fetch, "HTTP fetch").
            "Cross-Origin-Resource-Policy": "cross-origin",
        },
    )
    del response.headers["Content-Type"]
    return response
