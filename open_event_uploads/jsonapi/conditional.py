"""Conditional requests for resources (RFC 9110, section 13).

A resource's entity tag is `"version-representation"`: the counter in its row, and a digest of the
document. A write compares versions, because any representation of a version will do to prove
that the client knows it; a read compares the whole.
"""

import hashlib
import re
from typing import Any

from flask import Response
from werkzeug.datastructures import ETags

from open_event_uploads.current import current_request
from open_event_uploads.errors import PreconditionFailed
from open_event_uploads.jsonapi.codec import encode, respond_empty, respond_encoded

_DIGEST_CHARACTERS = 18
_TAG = re.compile("([0-9]{1,18})-.*")


def respond_tagged(document: dict[str, Any], *, version: int | None = None) -> Response:
    """Answer with an entity tag; 304 where a read names the same one in If-None-Match."""
    body = encode(document)
    tag = tag_of(body, version)
    headers = {"ETag": f'"{tag}"'}
    request = current_request()
    if request.method in {"GET", "HEAD"}:
        if "HTTP_IF_MATCH" in request.environ and not request.if_match.contains(tag):
            raise PreconditionFailed("This is not what If-Match names.", header="If-Match")
        if "HTTP_IF_NONE_MATCH" in request.environ and request.if_none_match.contains_weak(tag):
            return respond_empty(304, headers)
    return respond_encoded(body, 200, headers)


def tag_of(body: bytes, version: int | None) -> str:
    """Return the entity tag of a document, without its quotes; only one resource has a version."""
    # Processors compute SHA-256 themselves: half the time of BLAKE2b, 8 % of a list of 50.
    digest = hashlib.sha256(body).hexdigest()[:_DIGEST_CHARACTERS]
    return digest if version is None else f"{version}-{digest}"


def versions_to_match() -> frozenset[int] | None:
    """Return the versions that If-Match allows a write to find; None where any will do.

    Raises:
        PreconditionFailed: If-None-Match forbids a write to something that exists.
    """
    request = current_request()
    if "HTTP_IF_NONE_MATCH" in request.environ and request.if_none_match.star_tag:
        raise PreconditionFailed("The resource exists.", header="If-None-Match")
    if "HTTP_IF_MATCH" not in request.environ or request.if_match.star_tag:
        return None
    return frozenset(_versions(request.if_match))


def _versions(tags: ETags) -> set[int]:
    # A weak tag never matches (section 13.1.1: strong comparison), so only strong ones are read.
    matches = (_TAG.fullmatch(tag or "") for tag in tags.as_set())
    return {int(match[1]) for match in matches if match}
