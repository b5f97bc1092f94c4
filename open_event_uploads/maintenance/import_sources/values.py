"""Read values of other systems, whose columns may hold anything."""

import json
import uuid
from typing import Any

_MAX_SHOWN = 100


def read_text(value: object) -> str:
    """Return a text without white space around it; empty for null and for what is no text.

    JSON can hold halves of surrogate pairs, which no address and no database takes.
    """
    if isinstance(value, bytes | memoryview):  # a text that was written as a BLOB
        return bytes(value).decode("utf-8", "replace").strip()
    is_text = isinstance(value, str | int | float | uuid.UUID)
    return str(value).encode("utf-8", "replace").decode().strip() if is_text else ""


def read_pixels(value: object) -> int | None:
    """Return a number of pixels; None for null and for what is none."""
    return value if isinstance(value, int) and value > 0 else None


def read_json(value: object) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value of a JSON column; None for null and for what is no JSON."""
    if not isinstance(value, str | bytes):
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def show(*texts: str) -> str:
    """Return texts as one line of a report, without characters that cannot be printed."""
    line = " ".join(each for each in texts if each)
    return "".join(each if each.isprintable() else "?" for each in line[:_MAX_SHOWN])
