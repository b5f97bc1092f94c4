"""Receive a file that is sent as it is: in a form, or as the whole body.

The third way, a data URI in a document, is `schema_fields.py`. All three end in the same values,
the same answer and the same errors.
"""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from types import MappingProxyType
from typing import cast

from werkzeug.http import parse_options_header

from open_event_uploads.context import current_settings, current_storage
from open_event_uploads.current import current_request
from open_event_uploads.errors import (
    InvalidAttribute,
    InvalidRequest,
    UnsupportedMediaType,
)
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.spool import open_spool
from open_event_uploads.jsonapi.body import body_chunks, make_receiver, read_body
from open_event_uploads.jsonapi.expected_body import ALLOWANCE_BYTES, expect_body
from open_event_uploads.jsonapi.negotiation import media_type_of
from open_event_uploads.storage.capabilities import spool_folder_of
from open_event_uploads.uploads.digest_fields import check_digests
from open_event_uploads.uploads.form import Form, FormRules
from open_event_uploads.uploads.form_parts import ReceivedFile, too_large

_FORM = "multipart/form-data"
# RFC 2046, section 5.1.1.
_MAX_BOUNDARY_CHARACTERS = 70

_FILE_PART = "file"
_ONE_FILE = MappingProxyType({_FILE_PART: 1})


def is_form() -> bool:
    """Return whether the request's body is a form."""
    return _sent_media_type() == _FORM


def is_raw() -> bool:
    """Return whether the request's body is the file itself."""
    media_type = _sent_media_type()
    return media_type.startswith("image/") or media_type == "application/octet-stream"


def _sent_media_type() -> str:
    return media_type_of(current_request().environ.get("CONTENT_TYPE", ""))


def expect_raw() -> None:
    """Check the head of a request whose whole body is a file, and ask for that.

    Raises:
        UnsupportedMediaType: the body is called something else.
        FileTooLarge: it is too long, though not as long as no request may be.
        As `expect_body`.
    """
    if not is_raw():
        raise UnsupportedMediaType(
            "Send the file with its own media type (image/…) or as application/octet-stream.",
            header="Content-Type",
        )
    max_bytes = int(current_settings().max_bytes)
    folder = spool_folder_of(current_storage())
    spool = partial(open_spool, folder, hashed=True)
    length = expect_body(max_bytes + ALLOWANCE_BYTES, spool)
    if length > max_bytes:
        raise too_large(length, max_bytes)


def expect_form(names: Mapping[str, int] = _ONE_FILE) -> None:
    """Check the head of a request whose body is a form with files, and ask for that.

    Args:
        names: of the parts that are files, and how many of each are wanted; more are not kept.

    Raises:
        UnsupportedMediaType: the body is no form.
        InvalidRequest: its type has no boundary.
        As `expect_body`.
    """
    if not is_form():
        raise UnsupportedMediaType("Send a form (multipart/form-data).", header="Content-Type")
    boundary = current_request().mimetype_params.get("boundary", "")
    if not 1 <= len(boundary) <= _MAX_BOUNDARY_CHARACTERS:
        raise InvalidRequest(
            f"A form's type needs a `boundary` of 1 to {_MAX_BOUNDARY_CHARACTERS} characters.",
            header="Content-Type",
        )
    max_bytes = int(current_settings().max_bytes)
    rules = FormRules(boundary, names, max_bytes, spool_folder_of(current_storage()))
    expect_body(max_bytes + ALLOWANCE_BYTES, partial(Form, rules))


@contextmanager
def receive_raw() -> Iterator[ReceivedFile]:
    """Take the whole body for the file (RFC 9110, section 8.3; the name as in RFC 6266).

    Raises:
        As `body_chunks` and `check_digests`.
    """
    with _whole_body() as file:
        check_digests(file)
        yield ReceivedFile(file, name_in_header())


def _whole_body() -> IncomingFile:
    """Return the body as a file; where it waited it stays, in a file or in memory."""
    waiting = current_request().environ["wsgi.input"]
    if isinstance(waiting, io.FileIO):
        return IncomingFile(waiting)
    return IncomingFile(read_body())


@contextmanager
def receive_form() -> Iterator[ReceivedFile]:
    """Take a form's part `file` for the file, and its other parts for texts (RFC 7578).

    Raises:
        InvalidAttribute: it has no file.
        As `receive_files`.
    """
    with receive_files() as (found, texts):
        if not found:
            raise InvalidAttribute(f"The form needs a part `{_FILE_PART}`.", attribute="data")
        (sent,) = found[_FILE_PART]
        sent.texts |= texts
        yield sent


@contextmanager
def receive_files() -> Iterator[tuple[dict[str, list[ReceivedFile]], dict[str, str]]]:
    """Take the files that were asked for (`expect_form`), and the texts beside them.

    Raises:
        As `Form.finish` and `body_chunks`.
    """
    waiting = current_request().environ["wsgi.input"]
    is_received = isinstance(waiting, Form)
    form = waiting if is_received else cast("Form", make_receiver())
    try:
        if not is_received:
            for chunk in body_chunks():
                form.append([chunk])
        form.finish()
        yield form.files, form.texts
    finally:
        form.close()


def name_in_header() -> dict[str, str]:
    """Return the file's name, unless the header cannot be read."""
    _, options = parse_options_header(current_request().headers.get("Content-Disposition", ""))
    name = options.get("filename", "")
    # Servers hand headers over as Latin-1; clients mean UTF-8 (RFC 9110, section 5.5).
    with suppress(UnicodeError):
        name = name.encode("latin-1").decode()
    return {"filename": name} if name else {}
