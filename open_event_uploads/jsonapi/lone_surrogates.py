"""Find strings of JSON that are not Unicode text."""

import json
import re
from typing import NoReturn

from open_event_uploads.errors import InvalidAttribute
from open_event_uploads.jsonapi.json_pointer import escape_pointer

_SURROGATE = re.compile("[\ud800-\udfff]")


def refuse_lone_surrogate(body: bytes, max_depth: int) -> None:
    r"""Name the member with an escape like `\ud800`, if that is the only fault of a text.

    msgspec refuses the whole text; JSON's grammar allows it (RFC 8259, section 8.2), so it is a
    fault of the content and not of the syntax.

    Raises:
        InvalidAttribute: a string holds half of a surrogate pair.
    """
    if b"\\u" not in body:
        return
    try:
        document = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return
    pointer = _find_surrogate(document, "", max_depth)
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
