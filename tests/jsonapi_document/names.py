""" "Member Names"."""

import re

from tests.jsonapi_document.answer import ATOMIC
from tests.jsonapi_document.node import Node

# "Allowed Characters": the globally allowed ones, and three more that stand inside a name only.
_GLOBALLY_ALLOWED = "a-zA-Z0-9\u0080-\U0010ffff"
_NAME = re.compile(rf"[{_GLOBALLY_ALLOWED}](?:[{_GLOBALLY_ALLOWED}_ -]*[{_GLOBALLY_ALLOWED}])?")

# "Rules for Extensions": each has one namespace.
_NAMESPACES = {ATOMIC: "atomic", "https://jsonapi.org/ext/version": "version"}

# Atomic Operations, "Document Structure": all that it adds to a response.
RESULTS = "atomic:results"


def is_name(text: str) -> bool:
    """Whether an implementation may use this as a member name."""
    return _NAME.fullmatch(text) is not None


def check_names(node: Node, extensions: list[str]) -> None:
    """Every member name in the document.

    Args:
        node: where to begin.
        extensions: URIs of the applied extensions.
    """
    for uri in extensions:
        if uri not in _NAMESPACES:
            node.refuse(f"`{uri}` is applied, which is not an extension that is known here")
    _check(node, {_NAMESPACES[uri] for uri in extensions})


def _check(node: Node, namespaces: set[str]) -> None:
    if isinstance(node.value, dict):
        for name, child in node.members().items():
            _check_one(name, child, namespaces)
            if not name.startswith("@"):
                _check(child, namespaces)
    elif isinstance(node.value, list):
        for child in node.items():
            _check(child, namespaces)


def _check_one(name: str, node: Node, namespaces: set[str]) -> None:
    """ "@-Members" begin with an at sign, "Extension Members" with a namespace and a colon."""
    namespace, colon, rest = name.partition(":")
    if colon and namespace not in namespaces:
        node.refuse("this name is not that of an applied extension's member")
    if namespace == "atomic" and colon and node.pointer != f"/{RESULTS}":
        node.refuse("the atomic extension has no such member in a response")
    if not is_name(rest if colon else name.removeprefix("@")):
        node.refuse("this is not a member name")
