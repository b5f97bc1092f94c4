"""Ask for the body of a request, while only its head is there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from open_event_uploads.current import current_g, current_request
from open_event_uploads.errors import (
    InvalidRequest,
    LengthRequired,
    RequestTooLarge,
    UnsupportedContentEncoding,
)
from open_event_uploads.imaging.spool import Receiver, open_spool
from open_event_uploads.jsonapi.structured_fields import read_boolean

# For what a document holds beside a file: filename, alt, attributes that clients echo.
ALLOWANCE_BYTES = 64 * 1024


# More digits are a length that nothing allows, and slow to read.
_MAX_DIGITS = 20


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


def announced_length() -> int | None:
    """Return the length of the request's body in bytes; None where only its end tells it.

    As of RFC 9112, section 6.3: a Content-Length is void beside a Transfer-Encoding, and without
    both there is no body.

    Raises:
        InvalidRequest: the Content-Length is not a number.
    """
    environ = current_request().environ
    if "HTTP_TRANSFER_ENCODING" in environ:
        return None
    announced: str = environ.get("CONTENT_LENGTH") or "0"
    if not (announced.isascii() and announced.isdigit()):
        raise InvalidRequest("The Content-Length is not a number.", header="Content-Length")
    return int(announced[:_MAX_DIGITS])


def expect_body(max_length: int, make_receiver: Callable[[], Receiver] = open_spool) -> int:
    """Check the announced length of the request's body, and ask for the body.

    `jsonapi/body.py` reads what was asked for, and nothing else.

    Args:
        max_length: of the body, in bytes.
        make_receiver: makes what a body is given to as it arrives, if it is too long for memory.

    Returns:
        The length, in bytes.

    Raises:
        InvalidRequest: the body is only a part of what is meant; as of `announced_length`.
        UnsupportedContentEncoding: the body is compressed.
        LengthRequired: there is no Content-Length.
        RequestTooLarge: the body is longer than allowed.
    """
    environ = current_request().environ
    _refuse_part(environ)
    _refuse_encoded(environ)
    length = announced_length()
    if length is None or not environ.get("CONTENT_LENGTH"):
        raise length_required()
    _check_length(length, max_length)
    current_g().expected_body = ExpectedBody(length, max_length, make_receiver)
    return length


def expect_parts(max_length: int, make_receiver: Callable[[], Receiver]) -> int | None:
    """Check the head of a request, and ask for a body that is kept as it arrives.

    A receiver is given each part of it, and may be a `KeepingReceiver`. The view gets the receiver
    of `received_parts`.

    Args:
        max_length: of the body, in bytes; a longer one is cut off there.
        make_receiver: as of `ExpectedBody`.

    Returns:
        The length, in bytes; None where only the end of the body tells it.

    Raises:
        InvalidRequest: as of `announced_length`.
        UnsupportedContentEncoding, RequestTooLarge: as of `expect_body`.
    """
    _refuse_encoded(current_request().environ)
    length = announced_length()
    if length:
        _check_length(length, max_length)
    current_g().expected_body = ExpectedBody(length, max_length, make_receiver, in_parts=True)
    return length


def expected_body() -> ExpectedBody | None:
    """Return the request's body as it was asked for; None if it was not."""
    return cast("ExpectedBody | None", current_g().get("expected_body"))


def length_required() -> LengthRequired:
    """Return the error of a body whose length must be announced, and is not."""
    return LengthRequired("Send the length of the body as Content-Length.")


def _check_length(length: int, max_length: int) -> None:
    RequestTooLarge.raise_beyond(
        max_length, length, f"The body has {length} bytes; {max_length} are allowed."
    )


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
    transfer = environ.get("HTTP_TRANSFER_ENCODING", "chunked").strip().lower()
    if transfer != "chunked":  # the server decodes no other (RFC 9112, section 6.1)
        raise UnsupportedContentEncoding(
            "Send the body as it is, with no Transfer-Encoding but chunked.",
            header="Transfer-Encoding",
        )
