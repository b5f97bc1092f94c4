"""Data URIs: `data:image/png;base64,iVBORw0…`.

The scheme and its parameters are read as RFC 2397 says, the payload as the WHATWG Infra
standard's *forgiving-base64 decode* says: ASCII white space is allowed, padding is optional, and
nothing else is. Unlike in the WHATWG URL parser, the payload is not percent-decoded first: what
would need it is refused, so that a file is stored byte for byte or not at all.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pybase64

from open_event_uploads.errors import FileTooLarge, InvalidDataUri
from open_event_uploads.imaging.incoming import IncomingFile

# Everything before the comma must fit in here, so that no pattern ever sees a long text.
HEAD_MAX_CHARACTERS = 400

# RFC 2045, section 5.1: a token. Quoted parameter values are refused: no client sends them, and
# they may hide the comma that ends the head.
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - a grammar's token
_HEAD = re.compile(
    rf"data:\s*(?P<type>{_TOKEN}/{_TOKEN})?(?:;{_TOKEN}={_TOKEN}){{0,5}};\x20*base64\s*",
    re.IGNORECASE | re.ASCII,
)
# The heads that programs write: no white space, no parameters, not too long.
PLAIN_HEAD = r"data:(?:[!#$&^_.+a-z0-9-]{1,100}/[!#$&^_.+a-z0-9-]{1,100})?;base64"

# What decodes to no more than 6 MiB is decoded at once, and stays in memory; else by the MiB.
_AT_ONCE_CHARACTERS = 8 * 1024 * 1024
_PART_CHARACTERS = 1024 * 1024

# WHATWG Infra, "ASCII whitespace".
_ASCII_WHITE_SPACE = b"\t\n\f\r "


@dataclass(frozen=True, slots=True)
class DataUri:
    """What a data URI says.

    Args:
        media_type: what the sender declared, in lower case; RFC 2397's default where it declared
            nothing. A hint, no more.
        content: the decoded bytes.
    """

    media_type: str
    content: bytes


def parse_data_uri(text: str, *, max_bytes: int) -> DataUri:
    """Read a base64 data URI.

    Args:
        text: the URI; white space around it is ignored, as the WHATWG URL parser does.
        max_bytes: how many decoded bytes are allowed; judged before anything is decoded.

    Raises:
        InvalidDataUri: not a base64 data URI.
        FileTooLarge: the payload decodes to more than `max_bytes`.
    """
    head, comma, _ = text[:HEAD_MAX_CHARACTERS].lstrip().partition(",")
    if not comma:
        raise InvalidDataUri("Expected `data:`, a media type, `;base64` and a comma.")
    match = _HEAD.fullmatch(head)
    if match is None:
        raise InvalidDataUri(
            "Expected `data:`, a media type, up to five `name=value` parameters, `;base64` "
            "and a comma."
        )
    payload = _payload(text)
    _check_size(payload, max_bytes)
    media_type = match["type"] or "text/plain"
    return DataUri(media_type.lower(), forgiving_base64_decode(payload))


def check_size(size: int, max_bytes: int) -> None:
    """Judge how many bytes a payload decodes to.

    Raises:
        FileTooLarge: they are more than `max_bytes`.
    """
    if size > max_bytes:
        raise FileTooLarge(
            f"The file has {size} bytes; {max_bytes} are allowed.", limit=max_bytes, actual=size
        )


def _payload(text: str) -> memoryview:
    try:
        data = text.encode("ascii")
    except UnicodeEncodeError:
        raise InvalidDataUri("The payload has a character that base64 does not have.") from None
    return memoryview(data)[data.index(b",") + 1 :]


def _check_size(payload: memoryview, max_bytes: int) -> None:
    """Refuse what is too large; white space and padding count only where it matters."""
    if len(payload) * 3 // 4 <= max_bytes:
        return
    digits = len(bytes(payload).translate(None, _ASCII_WHITE_SPACE + b"="))
    check_size(digits * 3 // 4, max_bytes)


def forgiving_base64_decode(payload: bytes | memoryview) -> bytes:
    """Decode base64 as the WHATWG Infra standard's algorithm of this name does.

    Raises:
        InvalidDataUri: the standard's algorithm returns failure.
    """
    try:
        # Whatever the strict decoder accepts the standard accepts too, with the same result.
        return pybase64.b64decode(payload, validate=True)
    except binascii.Error:
        pass
    data = bytes(payload).translate(None, _ASCII_WHITE_SPACE)
    if len(data) % 4 == 0:
        data = data[:-2] + data[-2:].replace(b"=", b"") if data.endswith(b"=") else data
    if len(data) % 4 == 1 or b"=" in data:
        raise InvalidDataUri("The payload's length or padding is not that of base64.")
    try:
        return pybase64.b64decode(data + b"=" * (-len(data) % 4), validate=True)
    except binascii.Error:
        raise InvalidDataUri("The payload has a character that base64 does not have.") from None


def decode_strictly(payload: memoryview) -> IncomingFile | None:
    """Decode base64 that has neither white space nor anything else that need not be there.

    Args:
        payload: is not copied, and not kept. What is decoded waits on disk where it is long.

    Returns:
        The file; None where somebody less strict must say what is wrong, or that nothing is.
    """
    try:
        if len(payload) <= _AT_ONCE_CHARACTERS:
            return IncomingFile(pybase64.b64decode(payload, validate=True))
        return IncomingFile.receive(_parts_of(payload))
    except binascii.Error:
        return None


def _parts_of(payload: memoryview) -> Iterator[bytes]:
    for start in range(0, len(payload), _PART_CHARACTERS):
        part = payload[start : start + _PART_CHARACTERS]
        content = pybase64.b64decode(part, validate=True)
        if len(content) * 4 < _PART_CHARACTERS * 3 and start + _PART_CHARACTERS < len(payload):
            raise binascii.Error("padding before the end")
        yield content
