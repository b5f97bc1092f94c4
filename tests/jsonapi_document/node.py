"""A value of the document and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable


def refuse(pointer: str, text: str) -> NoReturn:
    """Say what is wrong at which JSON Pointer."""
    raise AssertionError(f'at "{pointer}": {text}')


@dataclass(frozen=True, slots=True)
class Node:
    """One JSON value.

    Args:
        value: decoded.
        pointer: JSON Pointer to it (RFC 6901).
    """

    value: Any
    pointer: str = ""

    def refuse(self, text: str) -> NoReturn:
        """Say what is wrong here."""
        refuse(self.pointer, text)

    def child(self, name: str | int) -> Node:
        """The value one step below."""
        step = str(name).replace("~", "~0").replace("/", "~1")
        return Node(self.value[name], f"{self.pointer}/{step}")

    def members(self, *known: str, required: Iterable[str] = ()) -> dict[str, Node]:
        """The members of an object.

        "Document Structure": "objects defined by this specification or any applied extensions
        MUST NOT contain any additional members". An extension's members have a colon; whether it
        is applied has been looked at.

        Args:
            known: names that it may have; any where none is given.
            required: names that it must have.
        """
        if not isinstance(self.value, dict):
            self.refuse("must be an object")
        found = {name: self.child(name) for name in self.value}
        for name, node in found.items():
            if known and name not in known and ":" not in name:
                node.refuse("this member is not defined here")
        for name in required:
            if name not in found:
                self.refuse(f"needs the member `{name}`")
        return found

    def one_of(self, *names: str) -> None:
        """Whether at least one of these members, or an extension's, is there."""
        if not any(name in names or ":" in name for name in self.value):
            self.refuse(f"needs at least one of {', '.join(names)}")

    def items(self) -> list[Node]:
        """The elements of an array."""
        if not isinstance(self.value, list):
            self.refuse("must be an array")
        return [self.child(index) for index in range(len(self.value))]

    def text(self) -> str:
        """A string."""
        if not isinstance(self.value, str):
            self.refuse("must be a string")
        return str(self.value)

    def without_at_members(self) -> Node:
        """The same value, as "@-Members" says to interpret it."""
        return Node(_without_at_members(self.value), self.pointer)


def _without_at_members(value: object) -> object:
    if isinstance(value, dict):
        kept = {name: each for name, each in value.items() if not name.startswith("@")}
        return {name: _without_at_members(each) for name, each in kept.items()}
    if isinstance(value, list):
        return [_without_at_members(each) for each in value]
    return value


def check_meta(members: dict[str, Node]) -> None:
    """ "Meta Information": "The value of each `meta` member MUST be an object"."""
    if "meta" in members:
        members["meta"].members()
