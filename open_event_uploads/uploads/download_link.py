"""`/v1/uploads/{id}/download-link`: an address of a private file for whoever holds it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, request

from open_event_uploads.accounts.authenticate_request import current_trust
from open_event_uploads.context import db
from open_event_uploads.database.types import now
from open_event_uploads.errors import InvalidAttribute, InvalidDocument
from open_event_uploads.jsonapi.api import layers_by_type
from open_event_uploads.jsonapi.body import read_body
from open_event_uploads.jsonapi.codec import respond
from open_event_uploads.jsonapi.fields import timestamp
from open_event_uploads.jsonapi.json_text import decode
from open_event_uploads.jsonapi.negotiation import negotiate
from open_event_uploads.jsonapi.read_query import refuse_parameters
from open_event_uploads.jsonapi.rendering import described_by, requested_url
from open_event_uploads.server.identity import current_identity
from open_event_uploads.server.policy import Policy, Routes, Who
from open_event_uploads.uploads.access import check_share, may_see
from open_event_uploads.uploads.model import UploadColumns
from open_event_uploads.uploads.schema_fields import media_url
from open_event_uploads.uploads.sign_link import LONGEST, USUAL, Leave, give_leave, has_leave
from open_event_uploads.uploads.update import check_ready
from open_event_uploads.variants.preset_cache import current_presets
from open_event_uploads.variants.variant import variants_of

_MAX_BODY_BYTES = 16 * 1024
_MEMBER = "expires-in"


# Their own uploads; a link is signed and nothing is written.
_MAKE = Policy(Who.MEMBERS, "uploads:read")


def register_routes(routes: Routes) -> None:
    """Add the route of this module."""
    path = "/v1/uploads/<id:id>/download-link"
    routes.add(path, "upload_download_link", post_download_link, POST=_MAKE)


def post_download_link(id: str) -> Response:  # noqa: A002 - the address's name for it
    """Answer with addresses of a file and its variants that work for a while for anybody.

    The document, if there is one, may say for how long: `{"meta": {"expires-in": seconds}}`. What
    is public already needs no such address, and has one without an end, or with that of its lease.
    """
    has_body = bool(request.content_length) or "Transfer-Encoding" in request.headers
    negotiate(frozenset(), reads=has_body)
    query = refuse_parameters()
    life = _life(decode(read_body(_MAX_BODY_BYTES))) if has_body else USUAL
    upload: UploadColumns = layers_by_type(current_app)["uploads"].get_object({"id": id})
    db.session.rollback()
    check_share(current_identity(), upload)
    check_ready(upload)
    return respond(
        {
            "links": {"self": requested_url(query), "describedby": described_by()},
            "meta": _addresses(upload, life),
        }
    )


def may_open(upload: UploadColumns) -> bool:
    """Whether the request may see a private file: by who sends it, or by what its address holds."""
    return may_see(current_identity(), upload) or _has_leave(upload)


def _life(document: object) -> timedelta:
    """How long the link is to last.

    Raises:
        InvalidDocument: the document is of another shape.
        InvalidAttribute: that is no number of seconds, or none that is allowed.
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
    """Addresses that open for anybody, and until when; None for as long as they are there.

    None lasts longer than the upload's lease.

    Args:
        upload: whose files they are.
        keys: its own, or of its variants.
        life: how long addresses of private files work.
    """
    query, expires_at = "", upload.expires_at
    if expires_at is not None:
        life = min(life, expires_at - now())
    if upload.visibility == "private":
        leave = give_leave(upload.key, life=life, secret_keys=current_trust().secret_keys)
        query = f"?{urlencode({'expires': leave.expires, 'signature': leave.signature})}"
        expires_at = leave.expires_at
    return [f"{media_url(key)}{query}" for key in keys], expires_at


def link_left() -> timedelta | None:
    """How long the address that was asked for says that it works; None where it says nothing."""
    leave = _leave()
    return timedelta(seconds=leave.expires - now().timestamp()) if leave else None


def _has_leave(upload: UploadColumns) -> bool:
    leave = _leave()
    keys = current_trust().secret_keys
    return leave is not None and has_leave(upload.key, leave, secret_keys=keys)


def _leave() -> Leave | None:
    """What the request's address holds besides the key."""
    expires, signature = request.args.get("expires", ""), request.args.get("signature", "")
    if not (expires.isascii() and expires.isdigit()) or len(expires) > len(str(2**40)):
        return None
    return Leave(int(expires), signature)
