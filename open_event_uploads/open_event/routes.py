"""Serve the two upload endpoints of the Open Event Server, in plain JSON with a `url`.

They create ordinary uploads, and their errors are those of every other address.
"""

from dataclasses import replace
from typing import Any

from flask import Response

from open_event_uploads.context import current_storage, db
from open_event_uploads.current import current_application, current_g
from open_event_uploads.errors import InvalidDocument, InvalidRequest
from open_event_uploads.jsonapi.body import read_document
from open_event_uploads.jsonapi.codec import Applied
from open_event_uploads.jsonapi.config import current_config
from open_event_uploads.jsonapi.documents import ResourceObject, pointing_into
from open_event_uploads.jsonapi.expected_body import expect_body
from open_event_uploads.jsonapi.json_text import decode
from open_event_uploads.server.identity import current_user_id
from open_event_uploads.server.policy import Counts, Policy, Who
from open_event_uploads.server.rate_limits import charge_files
from open_event_uploads.server.routes import Routes
from open_event_uploads.uploads.check_quota import check_quota_left
from open_event_uploads.uploads.form import MAX_PARTS
from open_event_uploads.uploads.form_parts import ReceivedFile
from open_event_uploads.uploads.intake import expect_form, receive_files
from open_event_uploads.uploads.model import UploadColumns
from open_event_uploads.uploads.operation import Operation
from open_event_uploads.uploads.operations import run_operations
from open_event_uploads.uploads.processing import current_processing
from open_event_uploads.uploads.schema import UploadSchema, read_values
from open_event_uploads.uploads.schema_fields import media_url

_ONE, _SEVERAL = "file", "files[]"


def _expect_image() -> None:
    current_g().json_api = Applied()
    expect_body(current_config().max_document_bytes)
    check_quota_left()


def _expect_files() -> None:
    current_g().json_api = Applied()
    expect_form({_ONE: 1, _SEVERAL: MAX_PARTS})
    check_quota_left()


_IMAGE = Policy(Who.UPLOADERS, "uploads:write", writes=True, counts=Counts.FILE, body=_expect_image)
_FILES = replace(_IMAGE, body=_expect_files)


def register_routes(routes: Routes) -> None:
    """Add the routes."""
    routes.add("/v1/upload/image", "open_event_image", post_image, POST=_IMAGE)
    routes.add("/v1/upload/files", "open_event_files", post_files, POST=_FILES)


def post_image() -> Response:
    """Answer `{"data": "data:image/…;base64,…"}` with `{"url": …}`; ignore `?force_local`."""
    document = decode(read_document())
    if not isinstance(document, dict):
        raise InvalidDocument("The document must be an object.", pointer="")
    resource = ResourceObject({"data": document.get("data")}, {}, document)
    values = UploadSchema.shared().read(resource, partial=False)
    with pointing_into(resource):
        (url,) = _add([Operation("add", content=values["data"])])
    return _answer(url)


def post_files() -> Response:
    """Answer a form's part `file` with one URL, its parts `files[]` with a list of URLs."""
    with receive_files() as (found, _):
        sent = found.get(_ONE) or found.get(_SEVERAL)
        if not sent:
            raise InvalidRequest(f"The form needs a part `{_ONE}`, or parts `{_SEVERAL}`.")
        charge_files(len(sent))
        urls = _add([_operation(each) for each in sent], other_files=True)
    return _answer(urls[0] if _ONE in found else urls)


def _operation(sent: ReceivedFile) -> Operation:
    return Operation("add", content=sent.file, values=read_values(sent.texts))


def _add(operations: list[Operation], *, other_files: bool = False) -> list[Any]:
    """Create all uploads or none."""
    return run_operations(
        operations,
        owner_id=current_user_id(),
        present=_url_of,
        engine=db.engine,
        storage=current_storage(),
        processing=current_processing(other_files=other_files),
    )


def _url_of(upload: UploadColumns) -> str:
    return media_url(upload.key)


def _answer(url: object) -> Response:
    body = current_application().json.dumps({"url": url})
    return current_application().response_class(body, content_type="application/json")
