"""`/v1/uploads/{id}/download-link`: an address that opens a private file."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Response

from open_event_uploads.accounts.authenticate_request import current_keys
from open_event_uploads.current import current_application, current_request
from open_event_uploads.database.types import now
from open_event_uploads.errors import InvalidAttribute, InvalidDocument
from open_event_uploads.jsonapi.api import layers_by_type
from open_event_uploads.jsonapi.body import read_body
from open_event_uploads.jsonapi.codec import respond
from open_event_uploads.jsonapi.expected_body import announced_length, expect_body, expected_body
from open_event_uploads.jsonapi.fields import timestamp
from open_event_uploads.jsonapi.json_text import decode
from open_event_uploads.jsonapi.negotiation import negotiate
from open_event_uploads.jsonapi.read_query import refuse_parameters
from open_event_uploads.jsonapi.rendering import described_by, requested_url
from open_event_uploads.server.identity import current_identity
from open_event_uploads.server.policy import Policy, Who
from open_event_uploads.server.routes import Routes
from open_event_uploads.uploads.access import check_share, may_see
from open_event_uploads.uploads.changes import check_ready
from open_event_uploads.uploads.files.sign_link import LONGEST, USUAL, Signature, is_signed, sign
from open_event_uploads.uploads.model import UploadColumns, UploadRow
from open_event_uploads.uploads.schema_fields import media_url
from open_event_uploads.variants.preset_cache import current_presets
from open_event_uploads.variants.variant import variants_of

_MAX_BODY_BYTES = 16 * 1024
_MEMBER = "expires-in"


def _expect_life() -> None:
    """Check the head of a request, and ask for the document that it may have."""
    has_body = announced_length() != 0
    negotiate(frozenset(), reads=has_body)
    if has_body:
        expect_body(_MAX_BODY_BYTES)


# Their own uploads; a link is signed and nothing is written.
_MAKE = Policy(Who.MEMBERS, "uploads:read", body=_expect_life)


def register_routes(routes: Routes) -> None:
    """Add the route of this module."""
    path = "/v1/uploads/<id:id>/download-link"
    routes.add(path, "upload_download_link", post_download_link, POST=_MAKE)


def post_download_link(id: str) -> Response:  # noqa: A002 - the address's name for it
    """Answer with addresses of a file and its variants that work for a while for anybody.

    The document, if there is one, may set for how long: `{"meta": {"expires-in": seconds}}`. What
    is public already needs no such address, and has one without an end, or with that of its lease.
    """
    query = refuse_parameters()
    life = _life(decode(read_body())) if expected_body() else USUAL
    upload: UploadRow = layers_by_type(current_application())["uploads"].get_row(id)
    check_share(current_identity(), upload)
    check_ready(upload)
    return respond(
        {
            "links": {"self": requested_url(query), "describedby": described_by()},
            "meta": _addresses(upload, life),
        }
    )


def may_open(upload: UploadColumns) -> bool:
    """Return whether the request may open a private file: by its sender, or by its signature."""
    return may_see(current_identity(), upload) or _is_signed(upload)


def _life(document: object) -> timedelta:
    """Return how long the link is to last.

    Raises:
        InvalidDocument: the document is of another shape.
        InvalidAttribute: the number of seconds is none, or not allowed.
    """
    meta = document.get("meta", {}) if isinstance(document, dict) else None
    if not isinstance(meta, dict):
        raise InvalidDocument("The document may have an object `meta`.", pointer="")
    seconds = meta.get(_MEMBER)
    if seconds is None:
        return USUAL
    longest = int(LONGEST.total_seconds())
    if type(seconds) is not int or not 1 <= seconds <= longest:
        raise InvalidAttribute(
            f"A link lasts 1 to {longest} seconds.", pointer=f"/meta/{_MEMBER}", limit=longest
        )
    return timedelta(seconds=seconds)


def _addresses(upload: UploadColumns, life: timedelta) -> dict[str, Any]:
    variants = variants_of(upload, current_presets())
    keys = [upload.key, *(each.key for each in variants)]
    (url, *others), expires_at = file_addresses(upload, keys, life)
    return {
        "url": url,
        "variants": {each.name: other for each, other in zip(variants, others, strict=True)},
        "expires-at": timestamp(expires_at),
    }


def file_addresses(
    upload: UploadColumns, keys: Iterable[str], life: timedelta
) -> tuple[list[str], datetime | None]:
    """Return addresses that open for anybody, and their end; None for as long as the files exist.

    No address lasts longer than the upload's lease.

    Args:
        upload: that has the files.
        keys: its own, or of its variants.
        life: of addresses of private files.
    """
    query, expires_at = "", upload.expires_at
    if expires_at is not None:
        life = min(life, expires_at - now())
    if upload.visibility == "private":
        signature = sign(upload.key, life=life, secret_keys=current_keys().secret_keys)
        query = f"?{urlencode({'expires': signature.expires, 'signature': signature.digest})}"
        expires_at = signature.expires_at
    return [f"{media_url(key)}{query}" for key in keys], expires_at


def link_left() -> timedelta | None:
    """Return how long the request's address still works; None for one that is not signed."""
    signature = _sent_signature()
    return timedelta(seconds=signature.expires - now().timestamp()) if signature else None


def _is_signed(upload: UploadColumns) -> bool:
    signature = _sent_signature()
    keys = current_keys().secret_keys
    return signature is not None and is_signed(upload.key, signature, secret_keys=keys)


def _sent_signature() -> Signature | None:
    sent = current_request().args
    expires, digest = sent.get("expires", ""), sent.get("signature", "")
    if not (expires.isascii() and expires.isdigit()) or len(expires) > len(str(2**40)):
        return None
    return Signature(int(expires), digest)
