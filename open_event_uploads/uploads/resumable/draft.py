"""Read the header fields of "Resumable Uploads for HTTP", and write them.

Sections are named by their titles.
"""

from open_event_uploads.context import current_settings
from open_event_uploads.current import current_request
from open_event_uploads.database.types import now
from open_event_uploads.errors import InconsistentLength, InvalidRequest, UnsupportedMediaType
from open_event_uploads.jsonapi.expected_body import announced_length
from open_event_uploads.jsonapi.negotiation import media_type_of
from open_event_uploads.jsonapi.structured_fields import read_boolean, read_integer
from open_event_uploads.uploads.intake import name_in_header
from open_event_uploads.uploads.resumable.metadata import format_metadata, parse_metadata
from open_event_uploads.uploads.resumable.model import UNFINISHED_TIME, ResumableRow

MEDIA_TYPE = "application/partial-upload"
# The text that this follows, of interop version 8. That GET is answered, and that refusals have an
# Upload-Complete, came with the next one.
VERSION = "draft-ietf-httpbis-resumable-upload-11"


def is_offered() -> bool:
    """Return whether the application takes uploads by this protocol."""
    return current_settings().resumable_draft


def read_complete() -> bool | None:
    """Return whether the request says that the file ends with its body; None if it says nothing."""
    return read_boolean(_field("Upload-Complete"))


def require_complete() -> bool:
    """Return whether the file ends with the body; raise `InvalidRequest` if that is not said."""
    is_complete = read_complete()
    if is_complete is None:
        raise InvalidRequest("Send Upload-Complete, ?0 or ?1.", header="Upload-Complete")
    return is_complete


def read_offset() -> int:
    """Return where the bytes of a request belong; raise `InvalidRequest` if it does not say."""
    offset = read_integer(_field("Upload-Offset"))
    if offset is None:
        raise InvalidRequest("Send Upload-Offset, a number of bytes.", header="Upload-Offset")
    return offset


def read_length(offset: int, *, is_complete: bool) -> int | None:
    """Return the length of the whole file, as far as the request tells it ("Length").

    Args:
        offset: where its body belongs.
        is_complete: whether the file ends with its body.

    Raises:
        InconsistentLength: it tells it in two ways, or has more bytes than it tells.
    """
    declared, sent = read_integer(_field("Upload-Length")), announced_length()
    if sent is None:
        return declared
    end = offset + sent
    check_end(offset, declared)
    if is_complete and declared not in {None, end}:
        raise _inconsistent(declared, end)
    return end if is_complete else declared


def check_end(offset: int, length: int | None) -> None:
    """Make sure that the body does not go beyond the end of the file.

    Args:
        offset: where it belongs.
        length: of the whole file; None if it is not known.

    Raises:
        InconsistentLength: it does.
    """
    end = offset + (announced_length() or 0)
    if length is not None and end > length:
        raise _inconsistent(length, end)


def _inconsistent(length: int | None, end: int) -> InconsistentLength:
    return InconsistentLength(
        f"The length is {length} bytes; with this body there are {end}.", header="Upload-Length"
    )


def check_media_type() -> None:
    """Raise `UnsupportedMediaType` unless the body is called a part of an upload."""
    if media_type_of(_field("Content-Type") or "") != MEDIA_TYPE:
        raise UnsupportedMediaType(
            f"Send {MEDIA_TYPE}.", header="Content-Type", headers={"Accept-Patch": MEDIA_TYPE}
        )


def read_metadata() -> str:
    """Return what is said of the file beside its bytes, as a value of Upload-Metadata.

    The name stands in Content-Disposition. For other fields the draft has no place, but tus'
    Upload-Metadata, which clients of both protocols send in either.

    Raises:
        InvalidRequest: as of `parse_metadata`.
    """
    return format_metadata({**name_in_header(), **parse_metadata(_field("Upload-Metadata") or "")})


def state_fields(row: ResumableRow) -> dict[str, str]:
    """Return the header fields that describe an upload ("Offset Retrieval")."""
    fields = {
        "Upload-Complete": f"?{int(row.is_finished)}",
        "Upload-Offset": str(row.received),
        "Upload-Limit": _limits(int((row.expires_at - now()).total_seconds())),
    }
    return fields if row.length is None else {**fields, "Upload-Length": str(row.length)}


def discovery_fields() -> dict[str, str]:
    """Return the header fields that say what the server offers ("Limits")."""
    seconds = int(UNFINISHED_TIME.total_seconds())
    return {"Accept-Patch": MEDIA_TYPE, "Upload-Limit": _limits(seconds)}


def _limits(seconds: int) -> str:
    return f"max-size={int(current_settings().max_bytes)}, max-age={max(seconds, 0)}"


def _field(name: str) -> str | None:
    return current_request().headers.get(name)
