"""Decode JSON strictly."""

from contextlib import suppress

import msgspec

from open_event_uploads.errors import InvalidJson, UploadsError
from open_event_uploads.jsonapi.embedded_files import LONG_BYTES, Body, ExtractedFiles
from open_event_uploads.jsonapi.equal_names import refuse_equal_names
from open_event_uploads.jsonapi.lone_surrogates import refuse_lone_surrogate

MAX_DEPTH = 32

_decode = msgspec.json.Decoder().decode


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
        refuse_lone_surrogate(body, MAX_DEPTH)
        raise InvalidJson(f"The body is not JSON: {_reason(error)}.") from None
    if _deeper_than(MAX_DEPTH, document):
        raise _too_deep()
    try:
        refuse_equal_names(body, document)
    except RecursionError:
        raise _too_deep() from None
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
