"""The bytes of a body become JSON, strictly (RFC 8259)."""

import json
from typing import Any, NoReturn

from tests.jsonapi_document.node import Node, refuse


def decode(body: bytes) -> Node:
    """The document: UTF-8, no NaN, no member twice in an object."""
    try:
        text = body.decode()
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except ValueError as error:
        refuse("", f"the body is not JSON: {error}")
    return Node(value)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError(f"an object has a member twice, among {sorted(members)}")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
