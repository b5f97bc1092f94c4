"""Read and write the value of Upload-Metadata (tus 1.0, "Creation", "Upload-Metadata")."""

import re
from collections.abc import Mapping
from typing import Any

import pybase64

from open_event_uploads.errors import InvalidDataUri, InvalidRequest
from open_event_uploads.imaging.data_uri import forgiving_base64_decode
from open_event_uploads.uploads.resumable.model import MAX_HEADER_CHARACTERS
from open_event_uploads.uploads.schema import read_values

_HEADER = "Upload-Metadata"
# A key of ASCII without spaces and commas; a value may be absent.
_PAIR = re.compile(r"(?P<key>[!-+\--~]+)(?: +(?P<value>[A-Za-z0-9+/]*={0,2}))?")


def read_metadata(sent: str) -> dict[str, Any]:
    """Return the values of an upload's fields, by name; other keys are ignored.

    Raises:
        InvalidRequest: the header is malformed.
        ManyErrors: values are not acceptable.
    """
    return read_values(parse_metadata(sent))


def parse_metadata(sent: str) -> dict[str, str]:
    """Return the values by their keys.

    Raises:
        InvalidRequest: the header is too long or malformed, or has a key twice.
    """
    if len(sent) > MAX_HEADER_CHARACTERS:
        raise InvalidRequest(
            f"{_HEADER} has more than {MAX_HEADER_CHARACTERS} characters.",
            header=_HEADER,
            limit=MAX_HEADER_CHARACTERS,
            actual=len(sent),
        )
    found: dict[str, str] = {}
    for pair in sent.split(",") if sent.strip() else ():
        match = _PAIR.fullmatch(pair.strip())
        if match is None or match["key"] in found:
            raise _malformed()
        found[match["key"]] = _decoded(match["value"] or "")
    return found


def _decoded(value: str) -> str:
    try:
        return forgiving_base64_decode(value.encode()).decode()
    except (InvalidDataUri, UnicodeDecodeError):
        raise _malformed() from None


def format_metadata(values: Mapping[str, str]) -> str:
    """Return the value of the header that `parse_metadata` reads as these texts."""
    return ",".join(
        f"{key} {pybase64.b64encode(value.encode()).decode()}" for key, value in values.items()
    )


def _malformed() -> InvalidRequest:
    return InvalidRequest(
        f"{_HEADER} is a list of keys, each once, with a text of UTF-8 in base64: "
        "`filename YS5wbmc=,alt …`.",
        header=_HEADER,
    )
