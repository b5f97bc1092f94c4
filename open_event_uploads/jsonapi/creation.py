"""The answer to a request that created a resource."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response

from open_event_uploads.jsonapi.codec import encode, respond_empty, respond_encoded
from open_event_uploads.jsonapi.conditional import tag_of
from open_event_uploads.jsonapi.idempotency import Reply


@dataclass(frozen=True, slots=True)
class CreationMeta:
    """Members of `meta`, of the document and of its resource, that no later answer has."""

    document: Mapping[str, Any] = field(default_factory=dict)
    resource: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self.document or self.resource)

    def added_to(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return the document with these members."""
        found = {**document, "meta": dict(self.document)} if self.document else dict(document)
        if self.resource:
            resource_meta = {**found["data"].get("meta", {}), **self.resource}
            found["data"] = {**found["data"], "meta": resource_meta}
        return found


NO_META = CreationMeta()


def creation_reply(
    document: dict[str, Any], *, version: int | None, location: str, meta: CreationMeta
) -> Reply:
    """Return the answer to a POST that created a resource.

    Args:
        document: about the resource, without its `jsonapi` member.
        version: of the resource; None where it never changes.
        location: its address.
        meta: for this answer alone; the entity tag is of the document without it, as GET gives it
            (RFC 9110, section 9.3.3).
    """
    body = encode(document)
    tag = f'"{tag_of(body, version)}"'
    return Reply(201, encode(meta.added_to(document)) if meta else body, location, tag)


def respond_reply(reply: Reply) -> Response:
    """Respond with the reply to a request, be it of now or of the first time."""
    named = {"Location": reply.location, "ETag": reply.entity_tag}
    headers = {name: value for name, value in named.items() if value is not None}
    if reply.document is None:
        return respond_empty(reply.status, headers)
    return respond_encoded(reply.document, reply.status, headers)
