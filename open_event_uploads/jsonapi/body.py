"""Read the bytes of a request: whole, bounded, and exactly as long as its Content-Length."""

import io
import mmap
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import cast

from open_event_uploads.current import current_g, current_request
from open_event_uploads.errors import (
    BodyLengthMismatch,
    InvalidRequest,
    LengthRequired,
    RequestTooLarge,
    UnsupportedContentEncoding,
)
from open_event_uploads.imaging.spool import Receiver, open_spool
from open_event_uploads.jsonapi.embedded_files import LONG_BYTES, Body
from open_event_uploads.jsonapi.structured_fields import read_boolean

# For what a document holds beside a file: filename, alt, attributes that clients echo.
ALLOWANCE_BYTES = 64 * 1024

CHUNK_BYTES = 256 * 1024

# Given to a receiver at once: it may have to take a lock, and to ask a database.
_PART_BYTES = 1024 * 1024


def max_document_bytes(max_bytes: int) -> int:
    """Return the bytes of the longest document that holds a file of `max_bytes` in base64."""
    return -(-max_bytes // 3) * 4 + ALLOWANCE_BYTES


@dataclass(frozen=True, slots=True)
class ExpectedBody:
    """A body that was asked for.

    Args:
        length: bytes; None where only its end tells.
        max_length: bytes.
        make_receiver: makes what the body is given to as it arrives.
        in_parts: whether also a body that is short enough for memory is given to a receiver.
    """

    length: int | None
    max_length: int
    make_receiver: Callable[[], Receiver]
    in_parts: bool = False


def expect_body(max_length: int, make_receiver: Callable[[], Receiver] = open_spool) -> int:
    """Check the announced length of the request's body, and ask for the body.

    It is called while only the head of the request is there. The functions below read what was
    asked for, and nothing else.

    Args:
        max_length: of the body, in bytes.
        make_receiver: makes what a body is given to as it arrives, if it is too long for memory.

    Returns:
        The length, in bytes.

    Raises:
        InvalidRequest: the body is only a part of what is meant.
        UnsupportedContentEncoding: the body is compressed.
        LengthRequired: there is no Content-Length.
        RequestTooLarge: the body is longer than allowed.
    """
    environ = current_request().environ
    _refuse_part(environ)
    _refuse_encoded(environ)
    # With a Transfer-Encoding, a Content-Length is void.
    if not environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ:
        raise LengthRequired("Send the length of the body as Content-Length.")
    length = _content_length(environ, max_length)
    current_g().expected_body = ExpectedBody(length, max_length, make_receiver)
    return length


def expect_parts(max_length: int, make_receiver: Callable[[], Receiver]) -> int | None:
    """Check the head of a request, and ask for a body that is kept as it arrives.

    A receiver is given each part of it, and may be a `KeepingReceiver`. The view gets the receiver
    of `received_parts`. The length is found as of RFC 9112, section 6.3: a Content-Length is void
    beside a Transfer-Encoding, and without both there is no body.

    Args:
        max_length: of the body, in bytes; a longer one is cut off there.
        make_receiver: as of `ExpectedBody`.

    Returns:
        The length, in bytes; None where only the end of the body tells it.

    Raises:
        UnsupportedContentEncoding, RequestTooLarge: as of `expect_body`.
    """
    environ = current_request().environ
    _refuse_encoded(environ)
    length: int | None = 0
    if "HTTP_TRANSFER_ENCODING" in environ:
        length = None
    elif environ.get("CONTENT_LENGTH"):
        length = _content_length(environ, max_length)
    current_g().expected_body = ExpectedBody(length, max_length, make_receiver, in_parts=True)
    return length


def expected_body() -> ExpectedBody | None:
    """Return the request's body as it was asked for; None if it was not."""
    return cast("ExpectedBody | None", current_g().get("expected_body"))


def make_receiver() -> Receiver:
    """Return a new receiver for the body, of the kind that was asked for."""
    return _expected().make_receiver()


@contextmanager
def received_parts() -> Iterator[Receiver]:
    """Provide the receiver that has the whole body; it is closed at the end.

    Errors as of `Receiver.append` and `body_chunks`.
    """
    source = current_request().environ["wsgi.input"]
    if isinstance(source, Receiver):
        with closing(source):
            yield source
        return
    # It was whole at once, and is in memory.
    with closing(make_receiver()) as receiver:
        for chunk in body_chunks(largest=_PART_BYTES):
            receiver.append([chunk])
        yield receiver


def _expected() -> ExpectedBody:
    return cast("ExpectedBody", current_g().expected_body)


def _expected_length() -> int:
    length = _expected().length
    if length is None:
        raise LengthRequired("Send the length of the body as Content-Length.")
    return length


def _refuse_part(environ: Mapping[str, str]) -> None:
    """Refuse a part of something larger: half a file must never be stored as one.

    RFC 9110, section 14.5; and "Resumable Uploads for HTTP" where it is not offered.
    """
    if "HTTP_CONTENT_RANGE" in environ:
        raise InvalidRequest("Send all of it, without Content-Range.", header="Content-Range")
    if read_boolean(environ.get("HTTP_UPLOAD_COMPLETE")) is False:
        raise InvalidRequest(
            "Send all of it in one request; it cannot come in pieces here.",
            header="Upload-Complete",
        )


def _refuse_encoded(environ: Mapping[str, str]) -> None:
    encoding = environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()
    if encoding != "identity":
        raise UnsupportedContentEncoding(
            "Send the body as it is, without a Content-Encoding.",
            header="Content-Encoding",
            headers={"Accept-Encoding": "identity"},
        )


def _content_length(environ: Mapping[str, str], max_length: int) -> int:
    announced = environ["CONTENT_LENGTH"]
    if not (announced.isascii() and announced.isdigit()):
        raise InvalidRequest("The Content-Length is not a number.", header="Content-Length")
    length = int(announced[:20])
    RequestTooLarge.raise_beyond(
        max_length, length, f"The body has {length} bytes; {max_length} are allowed."
    )
    return length


def read_body() -> bytes:
    """Read the whole body of the request; errors as of `body_chunks`."""
    chunks = list(body_chunks(largest=_expected_length()))
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def read_document() -> Body:
    """Read the body of a document; map it, where it is long and was received into a file.

    Errors as of `body_chunks`.
    """
    source, length = current_request().environ["wsgi.input"], _expected_length()
    if not isinstance(source, io.FileIO) or length < LONG_BYTES:
        return read_body()
    if (received := os.fstat(source.fileno()).st_size) != length:
        raise BodyLengthMismatch(f"Content-Length is {length} bytes; the body has {received}.")
    return mmap.mmap(source.fileno(), length, access=mmap.ACCESS_READ)


def body_chunks(*, largest: int = CHUNK_BYTES) -> Iterator[bytes]:
    """Yield the request's body in parts.

    Raises:
        BodyLengthMismatch: the body has another length: the client disconnected, or a proxy cut
            it, and half a file must never be stored as one.
    """
    # Not `request.stream`: it may call read(-1), which
    # granian does not support.
    environ = current_request().environ
    stream = environ["wsgi.input"]
    is_terminated = environ.get("wsgi.input_terminated", False)
    if is_terminated and _expected().length is None:
        yield from iter(partial(stream.read, largest), b"")
        return
    length = missing = _expected_length()
    while missing and (chunk := stream.read(min(missing, largest))):
        missing -= len(chunk)
        yield chunk
    # Reading on blocks, unless the server marks the end of the body.
    longer = is_terminated and stream.read(1)
    if missing or longer:
        raise BodyLengthMismatch(
            f"Content-Length is {length} bytes; the body has "
            f"{'more' if longer else length - missing}."
        )
