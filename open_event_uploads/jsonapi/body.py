"""Read the bytes of a request: whole, bounded, and exactly as long as its Content-Length."""

import io
import mmap
import os
from collections.abc import Callable, Iterator, Mapping

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

# For what a document holds beside a file: filename, alt, attributes that clients echo.
ALLOWANCE_BYTES = 64 * 1024

CHUNK_BYTES = 256 * 1024


def max_document_bytes(max_bytes: int) -> int:
    """Return the bytes of the longest document that holds a file of `max_bytes` in base64."""
    return -(-max_bytes // 3) * 4 + ALLOWANCE_BYTES


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
        UnsupportedContentEncoding: the body is compressed.
        LengthRequired: there is no Content-Length.
        RequestTooLarge: the body is longer than allowed.
    """
    environ = current_request().environ
    encoding = environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()
    if encoding != "identity":
        raise UnsupportedContentEncoding(
            "Send the body as it is, without a Content-Encoding.",
            header="Content-Encoding",
            headers={"Accept-Encoding": "identity"},
        )
    length = _content_length(environ)
    RequestTooLarge.raise_beyond(
        max_length, length, f"The body has {length} bytes; {max_length} are allowed."
    )
    known = current_g()
    known.body_length, known.make_receiver = length, make_receiver
    return length


def expects_body() -> bool:
    """Return whether the request's body was asked for."""
    return "body_length" in current_g()


def make_receiver() -> Receiver:
    """Return a new receiver for the body, of the kind that was asked for (`expect_body`)."""
    receiver: Receiver = current_g().make_receiver()
    return receiver


def _content_length(environ: Mapping[str, str]) -> int:
    announced = environ.get("CONTENT_LENGTH") or ""
    # RFC 9112, section 6.3: with a Transfer-Encoding, a Content-Length is void.
    if not announced or "HTTP_TRANSFER_ENCODING" in environ:
        raise LengthRequired("Send the length of the body as Content-Length.")
    if not (announced.isascii() and announced.isdigit()):
        raise InvalidRequest("The Content-Length is not a number.", header="Content-Length")
    return int(announced[:20])


def read_body() -> bytes:
    """Read the whole body of the request; errors as of `body_chunks`."""
    chunks = list(body_chunks(largest=current_g().body_length))
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def read_document() -> Body:
    """Read the body of a document; map it, where it is long and was received into a file.

    Errors as of `body_chunks`.
    """
    source, length = current_request().environ["wsgi.input"], current_g().body_length
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
    length = missing = current_g().body_length
    while missing and (chunk := stream.read(min(missing, largest))):
        missing -= len(chunk)
        yield chunk
    # Reading on blocks, unless the server marks the end of the body.
    longer = environ.get("wsgi.input_terminated") and stream.read(1)
    if missing or longer:
        raise BodyLengthMismatch(
            f"Content-Length is {length} bytes; the body has "
            f"{'more' if longer else length - missing}."
        )
