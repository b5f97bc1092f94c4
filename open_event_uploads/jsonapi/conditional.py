"""Conditional requests for resources (RFC 9110, section 13).

A resource's entity tag is `"version-representation"`: the counter in its row, and a digest of the
document. A write compares versions, because any representation of a version will do to prove
that the client knows it; a read compares the whole.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request
from werkzeug.datastructures import ETags

from open_event_uploads.errors import PreconditionFailed
from open_event_uploads.jsonapi.codec import encode, respond_empty, respond_encoded
from open_event_uploads.jsonapi.idempotency import Result

_DIGEST_BYTES = 9
_TAG = re.compile("([0-9]{1,18})-.*")


def respond_tagged(document: dict[str, Any], *, version: int | None = None) -> Response:
    """A response with an entity tag; 304 where a read names the same one in If-None-Match.

    Args:
        document: a JSON:API document without its `jsonapi` member.
        version: of the one resource it is about; None for anything else.
    """
    body = encode(document)
    tag = _tag_of(body, version)
    headers = {"ETag": f'"{tag}"'}
    if request.method in {"GET", "HEAD"}:
        if "If-Match" in request.headers and not request.if_match.contains(tag):
            raise PreconditionFailed("This is not what If-Match names.", header="If-Match")
        if "If-None-Match" in request.headers and request.if_none_match.contains_weak(tag):
            return respond_empty(304, headers)
    return respond_encoded(body, 200, headers)


@dataclass(frozen=True, slots=True)
class SaidOnce:
    """What only the answer says that a resource was made by; the entity tag is of what GET gives.

    Args:
        document: members of the document's `meta`.
        resource: members of the resource's.
    """

    document: Mapping[str, Any] = field(default_factory=dict)
    resource: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.document or self.resource)

    def added_to(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document with all of it."""
        found = {**document, "meta": dict(self.document)} if self.document else dict(document)
        if self.resource:
            meta = {**found["data"].get("meta", {}), **self.resource}
            found["data"] = {**found["data"], "meta": meta}
        return found


NOTHING = SaidOnce()


def created_result(
    document: dict[str, Any], *, version: int | None, location: str, said_once: SaidOnce
) -> Result:
    """What a POST is answered that made a resource.

    Args:
        document: about the resource, without its `jsonapi` member.
        version: of the resource; None where it never changes.
        location: its address.
        said_once: in this answer alone; the entity tag is of the document without it, as GET gives
            it (RFC 9110, section 9.3.3).
    """
    body = encode(document)
    tag = f'"{_tag_of(body, version)}"'
    return Result(201, encode(said_once.added_to(document)) if said_once else body, location, tag)


def respond_result(result: Result) -> Response:
    """The response that says what came of a request, be it now or earlier."""
    named = {"Location": result.location, "ETag": result.entity_tag}
    headers = {name: value for name, value in named.items() if value is not None}
    if result.document is None:
        return respond_empty(result.status, headers)
    return respond_encoded(result.document, result.status, headers)


def _tag_of(body: bytes, version: int | None) -> str:
    digest = hashlib.blake2b(body, digest_size=_DIGEST_BYTES).hexdigest()
    return digest if version is None else f"{version}-{digest}"


def versions_to_match() -> frozenset[int] | None:
    """The versions that If-Match allows a write to find; None where any will do.

    Raises:
        PreconditionFailed: If-None-Match forbids a write to something that exists.
    """
    if "If-None-Match" in request.headers and request.if_none_match.star_tag:
        raise PreconditionFailed("The resource exists.", header="If-None-Match")
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    return frozenset(_versions(request.if_match))


def _versions(tags: ETags) -> set[int]:
    # A weak tag never matches (section 13.1.1: strong comparison), so only strong ones are read.
    matches = (_TAG.fullmatch(tag or "") for tag in tags.as_set())
    return {int(match[1]) for match in matches if match}
