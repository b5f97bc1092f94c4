"""Read the header fields of tus 1.0 (https://tus.io/protocols/resumable-upload), and write them."""

import hashlib
import re
from email.utils import format_datetime

import pybase64

from open_event_uploads.current import current_request
from open_event_uploads.database.types import ID_PATTERN
from open_event_uploads.errors import (
    ChecksumMismatch,
    InvalidRequest,
    UnsupportedMediaType,
    UnsupportedTusVersion,
)
from open_event_uploads.jsonapi.negotiation import media_type_of
from open_event_uploads.uploads.checksum import Checksum
from open_event_uploads.uploads.resumable.begin import NewResumable
from open_event_uploads.uploads.resumable.model import MAX_HEADER_CHARACTERS, PART, ResumableRow

VERSION = "1.0.0"
EXTENSIONS = (
    "creation",
    "creation-with-upload",
    "creation-defer-length",
    "expiration",
    "checksum",
    "termination",
    "concatenation",
)
# By the names that tus has for those of `hashlib`.
ALGORITHMS = {"sha256": "sha256", "sha1": "sha1"}
MEDIA_TYPE = "application/offset+octet-stream"

_MAX_DIGITS = 15
_FINAL = "final;"
# An address of a resumable upload, absolute or relative; the server that it names does not matter.
_ADDRESS = re.compile(rf"\S*/resumable/(?P<id>{ID_PATTERN})/?")


def check_version() -> None:
    """Make sure that a request is of the version that the server speaks.

    Raises:
        UnsupportedTusVersion: it is of none, or of another.
    """
    if _field("Tus-Resumable") != VERSION:
        raise UnsupportedTusVersion(
            f"Send `Tus-Resumable: {VERSION}`.",
            header="Tus-Resumable",
            headers={"Tus-Version": VERSION},
        )


def check_media_type() -> None:
    """Raise `UnsupportedMediaType` unless the body is called what tus calls it."""
    if media_type_of(_field("Content-Type") or "") != MEDIA_TYPE:
        raise UnsupportedMediaType(f"Send {MEDIA_TYPE}.", header="Content-Type")


def read_new() -> NewResumable:
    """Return what the request says of the upload that it begins.

    Raises:
        InvalidRequest: a header field is malformed, or one is missing.
    """
    length = read_number("Upload-Length")
    deferred = _field("Upload-Defer-Length")
    concatenation = _field("Upload-Concat") or ""
    if deferred not in {None, "1"}:
        raise InvalidRequest("Upload-Defer-Length can only be 1.", header="Upload-Defer-Length")
    if concatenation.startswith(_FINAL):
        if length is not None or deferred:
            raise InvalidRequest(
                "The parts decide the length of all of them.", header="Upload-Length"
            )
    elif concatenation not in {"", PART}:
        raise InvalidRequest(
            f"Upload-Concat is `{PART}`, or `{_FINAL}` and addresses.", header="Upload-Concat"
        )
    elif (length is None) is (deferred is None):
        raise InvalidRequest(
            "Send either Upload-Length or Upload-Defer-Length.", header="Upload-Length"
        )
    return NewResumable(length, _field("Upload-Metadata") or "", concatenation)


def read_parts(concatenation: str) -> list[str] | None:
    """Return the ids of the parts that a value of Upload-Concat names; None if it names none.

    Raises:
        InvalidRequest: what it names are no addresses of resumable uploads.
    """
    if not concatenation.startswith(_FINAL):
        return None
    addresses = concatenation.removeprefix(_FINAL)[:MAX_HEADER_CHARACTERS].split()
    matches = [_ADDRESS.fullmatch(each) for each in addresses]
    found = [each["id"] for each in matches if each]
    if not found or len(found) < len(matches) or len(concatenation) > MAX_HEADER_CHARACTERS:
        raise InvalidRequest(
            f"`{_FINAL}` is followed by the addresses of parts, with spaces between them; "
            f"{MAX_HEADER_CHARACTERS} characters at most.",
            header="Upload-Concat",
        )
    return found


def read_offset() -> int:
    """Return where the bytes of a request belong; raise `InvalidRequest` if it does not say."""
    offset = read_number("Upload-Offset")
    if offset is None:
        raise InvalidRequest("Send Upload-Offset.", header="Upload-Offset")
    return offset


def read_number(name: str) -> int | None:
    """Return the number of bytes in a header field, None if it is absent.

    Raises:
        InvalidRequest: it is no number.
    """
    text = _field(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise InvalidRequest(f"{name} is a number of bytes.", header=name)
    return int(text)


def read_checksum() -> Checksum | None:
    """Return the checksum that the bytes of a request must have.

    Raises:
        InvalidRequest: it is malformed, or of an algorithm that the server does not know.
    """
    text = _field("Upload-Checksum")
    if text is None:
        return None
    name, _, encoded = text.partition(" ")
    algorithm = ALGORITHMS.get(name)
    if algorithm is None:
        raise InvalidRequest(
            f"The checksum is of {' or '.join(ALGORITHMS)}.", header="Upload-Checksum"
        )
    try:
        digest = pybase64.b64decode(encoded.strip(), validate=True)
    except ValueError:
        digest = b""
    if len(digest) != (size := hashlib.new(algorithm).digest_size):
        raise InvalidRequest(
            f"The checksum is no {size} bytes in base64.", header="Upload-Checksum"
        )
    refusal = ChecksumMismatch(
        "The bytes have another checksum; send them again.", header="Upload-Checksum"
    )
    return Checksum(algorithm, digest, refusal)


def overridden_method() -> str:
    """Return the method that a POST stands for (tus 1.0, "X-HTTP-Method-Override")."""
    return (_field("X-HTTP-Method-Override") or "").upper()


def state_fields(row: ResumableRow) -> dict[str, str]:
    """Return the header fields that describe an upload, as HEAD shows them."""
    fields = offset_fields(row)
    if row.length is None:
        fields["Upload-Defer-Length"] = "1"
    else:
        fields["Upload-Length"] = str(row.length)
    sent = {"Upload-Metadata": row.sent_metadata, "Upload-Concat": row.concatenation}
    return fields | {name: value for name, value in sent.items() if value}


def offset_fields(row: ResumableRow) -> dict[str, str]:
    """Return the header fields that acknowledge bytes."""
    return {
        "Upload-Offset": str(row.received),
        "Upload-Expires": format_datetime(row.expires_at, usegmt=True),
    }


def discovery_fields(max_bytes: int) -> dict[str, str]:
    """Return the header fields that say what the server offers (tus 1.0, "OPTIONS")."""
    return {
        "Tus-Version": VERSION,
        "Tus-Extension": ",".join(EXTENSIONS),
        "Tus-Max-Size": str(max_bytes),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }


def _field(name: str) -> str | None:
    return current_request().headers.get(name)
