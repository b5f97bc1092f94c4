"""Parse data URIs: `data:image/png;base64,iVBORw0…`.

The scheme and its parameters follow RFC 2397, the payload the WHATWG Infra standard's
*forgiving-base64 decode*: ASCII white space is allowed and padding is optional. Unlike in the
WHATWG URL parser, the payload is not percent-decoded first: a payload that would need it is
refused, so that a file is stored byte for byte or not at all.
"""

import binascii
import re
from collections.abc import Iterator

import pybase64

from open_event_uploads.errors import InvalidDataUri
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.policy import check_file_size

# The longest text before the comma, so that no pattern is applied to a long text.
HEAD_MAX_CHARACTERS = 400

# RFC 2045, section 5.1: a token. Quoted parameter values are refused: no client sends them, and
# they could contain the comma that ends the head.
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - a grammar's token
_HEAD = re.compile(
    rf"data:\s*(?:{_TOKEN}/{_TOKEN})?(?:;{_TOKEN}={_TOKEN}){{0,5}};\x20*base64\s*",
    re.IGNORECASE | re.ASCII,
)
# The heads that programs write: without white space and parameters.
PLAIN_HEAD = r"data:(?:[!#$&^_.+a-z0-9-]{1,100}/[!#$&^_.+a-z0-9-]{1,100})?;base64"

# A payload of at most 6 MiB is decoded at once and stays in memory; a longer one in parts.
_AT_ONCE_CHARACTERS = 8 * 1024 * 1024
_PART_CHARACTERS = 1024 * 1024

# WHATWG Infra, "ASCII whitespace".
_ASCII_WHITE_SPACE = b"\t\n\f\r "


def decode_data_uri(text: str, *, max_bytes: int) -> bytes:
    """Decode a base64 data URI; the media type that it declares is ignored.

    So is white space around it, as by the WHATWG URL parser. The limit is of decoded bytes, and
    checked before anything is decoded.

    Raises:
        InvalidDataUri: the text is not a base64 data URI.
        FileTooLarge: the payload decodes to more than `max_bytes`.
    """
    head, comma, _ = text[:HEAD_MAX_CHARACTERS].lstrip().partition(",")
    if not comma or not _HEAD.fullmatch(head):
        raise InvalidDataUri(
            "Expected `data:`, a media type, up to five `name=value` parameters, `;base64` "
            "and a comma."
        )
    payload = _find_payload(text)
    _check_size(payload, max_bytes)
    return forgiving_base64_decode(payload)


def _find_payload(text: str) -> memoryview:
    try:
        data = text.encode("ascii")
    except UnicodeEncodeError:
        raise InvalidDataUri("The payload has a character that base64 does not have.") from None
    return memoryview(data)[data.index(b",") + 1 :]


def _check_size(payload: memoryview, max_bytes: int) -> None:
    """Check the size of the decoded payload; count digits exactly only if it is near the limit."""
    if len(payload) * 3 // 4 <= max_bytes:
        return
    digits = len(bytes(payload).translate(None, _ASCII_WHITE_SPACE + b"="))
    check_file_size(digits * 3 // 4, max_bytes)


def forgiving_base64_decode(payload: bytes | memoryview) -> bytes:
    """Decode base64 by this algorithm of WHATWG Infra; raise `InvalidDataUri` where it fails."""
    try:
        # The strict decoder accepts a subset, with the same results, and is faster.
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
    """Decode base64 without white space and with full padding; the payload is not copied.

    Returns:
        The file, on disk if it is long; None if the payload needs `forgiving_base64_decode`.
    """
    try:
        if len(payload) <= _AT_ONCE_CHARACTERS:
            return IncomingFile(pybase64.b64decode(payload, validate=True))
        return IncomingFile.receive(_iter_parts(payload))
    except binascii.Error:
        return None


def _iter_parts(payload: memoryview) -> Iterator[bytes]:
    for start in range(0, len(payload), _PART_CHARACTERS):
        part = payload[start : start + _PART_CHARACTERS]
        content = pybase64.b64decode(part, validate=True)
        if len(content) * 4 < _PART_CHARACTERS * 3 and start + _PART_CHARACTERS < len(payload):
            raise binascii.Error("padding before the end")
        yield content
