"""JSON on its way in: one strict decoder."""

import json
import re
from contextlib import suppress
from typing import Any, NoReturn

import msgspec

from open_event_uploads.errors import InvalidAttribute, InvalidJson, UploadsError
from open_event_uploads.jsonapi.embedded_files import LONG_BYTES, Body, Lifted

MAX_DEPTH = 32
_FEW = 10_000

_decode = msgspec.json.Decoder().decode

_SURROGATE = re.compile("[\ud800-\udfff]")


def decode(body: Body) -> object:
    """Read JSON (RFC 8259): UTF-8 without a byte order mark, no NaN, no name twice in an object.

    Where it is long, an `IncomingFile` may stand in it for a member `data` (`lifting`).

    Raises:
        InvalidJson: it is not, or nests deeper than `MAX_DEPTH`.
        InvalidAttribute: a string holds half of a surrogate pair, which no Unicode text does.
    """
    if len(body) >= LONG_BYTES and (lifted := Lifted(body)):
        # What is wrong is said of the whole.
        with suppress(UploadsError):
            document = _decoded(lifted.text)
            if lifted.put_back(document):
                return document
    return _decoded(bytes(body))


def _decoded(body: bytes) -> object:
    try:
        document: object = _decode(body)
    except RecursionError:
        raise _too_deep() from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _refuse_lone_surrogate(body)
        raise InvalidJson(f"The body is not JSON: {_reason(error)}.") from None
    if _deeper_than(MAX_DEPTH, document):
        raise _too_deep()
    if _marks_in(body) > _marks_needed(document):
        _refuse_equal_names(body)
    return document


def _reason(error: Exception) -> str:
    """The decoder's words without the bytes that it choked on."""
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error).rstrip(".")


def _too_deep() -> InvalidJson:
    return InvalidJson(f"The JSON nests deeper than {MAX_DEPTH} levels.", limit=MAX_DEPTH)


def _deeper_than(limit: int, node: object) -> bool:
    if not isinstance(node, dict | list):
        return False
    children = node.values() if isinstance(node, dict) else node
    return limit == 0 or any(_deeper_than(limit - 1, child) for child in children)


def _marks_in(body: bytes) -> int:
    """How many quotation marks a text holds, one way or the other."""
    return _count(body, b'"') + (body.count(b"\\u0022") if b"\\" in body else 0)


def _count(body: bytes, mark: bytes) -> int:
    # Few marks in millions of bytes is what an upload looks like: to find them takes a tenth of
    # the time of `count`, which looks at each byte by itself.
    found = end = 0
    while found < _FEW and (end := body.find(mark, end) + 1):
        found += 1
    return found + (body.count(mark, end) if end else 0)


def _marks_needed(node: object) -> int:
    """How many quotation marks a text needs to say this.

    msgspec keeps the last of equal names without a word, and two readers who differ about which
    one counts can be played off against each other (RFC 7493, section 2.3). Whatever was dropped
    left its quotation marks behind; to count them costs less than a tenth of a second parsing.
    """
    if isinstance(node, str):
        return 2 + (node.count('"') if '"' in node else 0)
    if isinstance(node, dict):
        return sum(map(_marks_needed, node)) + sum(map(_marks_needed, node.values()))
    return sum(map(_marks_needed, node)) if isinstance(node, list) else 0


def _refuse_equal_names(body: bytes) -> None:
    try:
        json.loads(body, object_pairs_hook=_object_of)
    except RecursionError:  # in what was dropped
        raise _too_deep() from None


def _object_of(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in members:
        if name in found:
            raise InvalidJson(f"An object has two members named `{name[:100]}`.")
        found[name] = value
    return found


def _refuse_lone_surrogate(body: bytes) -> None:
    r"""Name the member that holds an escape like `\ud800`, where that is all that is wrong.

    msgspec refuses the whole text; JSON's grammar allows it (RFC 8259, section 8.2), so it is a
    fault of the content and not of the syntax.
    """
    if b"\\u" not in body:
        return
    try:
        document = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return
    pointer = _find_surrogate(document, "", MAX_DEPTH)
    if pointer is not None:
        raise InvalidAttribute("The text holds half of a surrogate pair.", pointer=pointer)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _find_surrogate(node: object, pointer: str, depth: int) -> str | None:
    """The JSON Pointer of the first string that is not Unicode text."""
    if isinstance(node, str):
        return pointer if _SURROGATE.search(node) else None
    if depth == 0 or not isinstance(node, dict | list):
        return None
    for name, child in node.items() if isinstance(node, dict) else enumerate(node):
        if isinstance(name, str) and _SURROGATE.search(name):
            return pointer
        found = _find_surrogate(child, f"{pointer}/{escape_pointer(str(name))}", depth - 1)
        if found is not None:
            return found
    return None


def escape_pointer(name: str) -> str:
    """A member name as one step of a JSON Pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")
