"""Read the body of a request: whole, and exactly as long as its Content-Length.

It was asked for by `jsonapi/expected_body.py`, and so is bounded.
"""

import io
import mmap
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import cast

from open_event_uploads.current import current_request
from open_event_uploads.errors import BodyLengthMismatch
from open_event_uploads.imaging.spool import Receiver
from open_event_uploads.jsonapi.embedded_files import LONG_BYTES, Body
from open_event_uploads.jsonapi.expected_body import ExpectedBody, expected_body, length_required

CHUNK_BYTES = 256 * 1024

# Given to a receiver at once: it may have to take a lock, and to ask a database.
_PART_BYTES = 1024 * 1024


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
    return cast("ExpectedBody", expected_body())


def _expected_length() -> int:
    length = _expected().length
    if length is None:
        raise length_required()
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
    # Not `request.stream`: it may call read(-1), which granian does not support.
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
