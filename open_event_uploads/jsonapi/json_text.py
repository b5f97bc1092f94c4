"""Decode JSON strictly."""

import json
import re
from contextlib import suppress
from typing import Any, NoReturn

import msgspec

from open_event_uploads.errors import InvalidAttribute, InvalidJson, UploadsError
from open_event_uploads.jsonapi.embedded_files import LONG_BYTES, Body, ExtractedFiles

MAX_DEPTH = 32
_FEW = 10_000

_decode = msgspec.json.Decoder().decode

_SURROGATE = re.compile("[\ud800-\udfff]")


def decode(body: Body) -> object:
    """Read JSON (RFC 8259): UTF-8 without a byte order mark, no NaN, no name twice in an object.

    In a long document, the value of a member `data` may be an `IncomingFile` (`embedded_files`).

    Raises:
        InvalidJson: the text is not JSON, or nests deeper than `MAX_DEPTH`.
        InvalidAttribute: a string holds half of a surrogate pair, which no Unicode text does.
    """
    if len(body) >= LONG_BYTES and (extracted := ExtractedFiles(body)):
        # An error must be about the whole document.
        with suppress(UploadsError):
            document = _decoded(extracted.text)
            if extracted.put_back(document):
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
    # Without the bytes that cannot be decoded.
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error).rstrip(".")


def _too_deep() -> InvalidJson:
    return InvalidJson(f"The JSON nests deeper than {MAX_DEPTH} levels.", limit=MAX_DEPTH)


def _deeper_than(limit: int, node: object) -> bool:
    if not isinstance(node, dict | list):
        return False
    children = node.values() if isinstance(node, dict) else node
    return limit == 0 or any(_deeper_than(limit - 1, child) for child in children)


def _marks_in(body: bytes) -> int:
    """Count the quotation marks in a text, escaped ones too."""
    return _count(body, b'"') + (body.count(b"\\u0022") if b"\\" in body else 0)


def _count(body: bytes, mark: bytes) -> int:
    # An upload has few marks in millions of bytes: `find` takes a tenth of the time of `count`.
    found = end = 0
    while found < _FEW and (end := body.find(mark, end) + 1):
        found += 1
    return found + (body.count(mark, end) if end else 0)


def _marks_needed(node: object) -> int:
    """Count the quotation marks that the text of a value needs.

    msgspec silently keeps the last of equal names, and two readers that keep different ones can be
    deceived (RFC 7493, section 2.3). The text of a value that was dropped has more quotation marks
    than the result needs; to count them costs less than a tenth of parsing twice.
    """
    if isinstance(node, str):
        return 2 + (node.count('"') if '"' in node else 0)
    if isinstance(node, dict):
        return sum(map(_marks_needed, node)) + sum(map(_marks_needed, node.values()))
    return sum(map(_marks_needed, node)) if isinstance(node, list) else 0


def _refuse_equal_names(body: bytes) -> None:
    try:
        json.loads(body, object_pairs_hook=_object_of)
    except RecursionError:  # in a value that was dropped
        raise _too_deep() from None


def _object_of(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in members:
        if name in found:
            raise InvalidJson(f"An object has two members named `{name[:100]}`.")
        found[name] = value
    return found


def _refuse_lone_surrogate(body: bytes) -> None:
    r"""Name the member with an escape like `\ud800`, if that is the only fault.

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
    """Return the JSON Pointer of the first string that is not Unicode text."""
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
    """Escape a member name for a JSON Pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


def pointer_along(node: object, path: tuple[str, ...]) -> str:
    """Return the JSON Pointer along a path, as far as its members exist."""
    pointer = ""
    for name in path:
        if not isinstance(node, dict) or name not in node:
            break
        node = node[name]
        pointer += f"/{escape_pointer(name)}"
    return pointer
