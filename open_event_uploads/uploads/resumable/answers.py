"""Respond with the state of a resumable upload, or with the upload that was made of it."""

from flask import Response

from open_event_uploads.current import current_request
from open_event_uploads.jsonapi.codec import MEDIA_TYPE, respond_empty
from open_event_uploads.jsonapi.creation import respond_reply
from open_event_uploads.jsonapi.negotiation import media_type_of
from open_event_uploads.jsonapi.read_query import read_resource_query
from open_event_uploads.jsonapi.rendering import collection_url
from open_event_uploads.uploads.create import CreatedUpload
from open_event_uploads.uploads.endpoints import UploadList
from open_event_uploads.uploads.resumable.model import ResumableRow
from open_event_uploads.uploads.schema import UploadSchema


def upload_fields(row: ResumableRow) -> dict[str, str]:
    """Return the header field that names the upload that was made (RFC 9110, section 8.7)."""
    if row.upload_id is None:
        return {}
    return {"Content-Location": f"{collection_url(UploadSchema)}/{row.upload_id}"}


def check_query() -> None:
    """Make sure, before anything is written, that the query says what a document may show.

    Raises:
        InvalidRequest: it does not; a client that asks for no document may add what it likes.
    """
    if _wants_document():
        read_resource_query(UploadSchema)


def respond_state(status: int, fields: dict[str, str], made: CreatedUpload | None) -> Response:
    """Respond with the state of a resumable upload.

    Args:
        status: 201, or 204.
        fields: of the header.
        made: the upload that was made by the request, if one was; a client that asks for JSON:API
            is given its document.
    """
    if made is None or not _wants_document():
        return respond_empty(status, fields)
    response = respond_created(fields, made)
    response.status_code = 200 if status == 204 else status  # noqa: PLR2004 - RFC 9110: 204 has no body
    if "Location" not in fields:
        # The address of the upload stands in Content-Location.
        response.headers.remove("Location")
    return response


def respond_shown(row: ResumableRow, fields: dict[str, str]) -> Response:
    """Respond with the state of a resumable upload, as of a moment ago.

    Args:
        row: as it was read.
        fields: of the header, that describe it by a protocol.
    """
    return respond_empty(204, {**fields, **upload_fields(row), "Cache-Control": "no-store"})


def respond_created(fields: dict[str, str], made: CreatedUpload) -> Response:
    """Respond as to a request that had the whole file, with more fields in the header."""
    reply = UploadList().creation_reply(read_resource_query(UploadSchema), made)
    response = respond_reply(reply)
    response.headers.update(fields)
    return response


def _wants_document() -> bool:
    """Return whether Accept names our media type: `*/*` is what clients of tus send."""
    accept = current_request().headers.get("Accept", "")
    return any(media_type_of(each) == MEDIA_TYPE for each in accept.split(","))
