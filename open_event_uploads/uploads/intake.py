"""A file that is sent as it is: in a form, or as the whole body.

The third way, a data URI in a document, is `schemas/fields.py`. All three end in the same values,
the same answer and the same errors.
"""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from open_event_uploads.context import current_storage
from open_event_uploads.errors import (
    FileTooLarge,
    InvalidAttribute,
    InvalidRequest,
    UnsupportedMediaType,
)
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.jsonapi.body import (
    ALLOWANCE_BYTES,
    CHUNK_BYTES,
    announced_length,
    body_chunks,
    read_body,
)
from open_event_uploads.storage.capabilities import spool_folder_of
from open_event_uploads.uploads.fields import FIELDS

_FORM = "multipart/form-data"
_FILE_PART = "file"
TEXT_PARTS = frozenset(field.attribute for field in FIELDS)
MAX_PARTS = 20
_MAX_TEXT_BYTES = 16 * 1024


@dataclass(slots=True)
class Sent:
    """What a request holds beside its headers.

    Args:
        file: the file.
        texts: by name, the texts beside it.
    """

    file: IncomingFile
    texts: dict[str, str] = field(default_factory=dict)


def is_form() -> bool:
    """Whether the request's body is a form."""
    return request.mimetype == _FORM


def is_raw() -> bool:
    """Whether the request's body is the file itself."""
    return request.mimetype.startswith("image/") or request.mimetype == "application/octet-stream"


@contextmanager
def receive_raw(max_bytes: int) -> Iterator[Sent]:
    """Take the whole body for the file (RFC 9110, section 8.3; the name as in RFC 6266).

    Args:
        max_bytes: of the file.

    Raises:
        UnsupportedMediaType: the body is called something else.
        FileTooLarge: it is too long, though not so long that it is not read at all.
        As `announced_length` and `body_chunks`.
    """
    if not is_raw():
        raise UnsupportedMediaType(
            "Send the file with its own media type (image/…) or as application/octet-stream.",
            header="Content-Type",
        )
    length = announced_length(max_bytes + ALLOWANCE_BYTES)
    with _whole_body(length, max_bytes) as file:
        yield Sent(file, _name_in_header())


def _whole_body(length: int, max_bytes: int) -> IncomingFile:
    """The body as a file; where it waited it stays, in a file or in memory."""
    if length > max_bytes:
        raise _too_large(length, max_bytes)
    waiting = request.environ["wsgi.input"]
    if isinstance(waiting, io.FileIO):
        return IncomingFile(waiting)
    if isinstance(waiting, io.BytesIO):
        return IncomingFile(read_body(length))
    return IncomingFile.receive(body_chunks(length), spool_folder_of(current_storage()))


@contextmanager
def receive_form(max_bytes: int) -> Iterator[Sent]:
    """Take a form's part `file` for the file, and its other parts for texts (RFC 7578).

    Args:
        max_bytes: of the file.

    Raises:
        InvalidAttribute: it has no file.
        As `receive_files`.
    """
    with receive_files(max_bytes, {_FILE_PART: 1}) as (found, texts):
        if not found:
            raise InvalidAttribute(f"The form needs a part `{_FILE_PART}`.", attribute="data")
        (sent,) = found[_FILE_PART]
        sent.texts |= texts
        yield sent


@contextmanager
def receive_files(
    max_bytes: int, names: Mapping[str, int]
) -> Iterator[tuple[dict[str, list[Sent]], dict[str, str]]]:
    """Take the files of a form, and the texts beside them.

    Args:
        max_bytes: of all files together.
        names: of the parts that are files, and how many of each are wanted; what comes beyond is
            not kept.

    Raises:
        InvalidRequest: it is not such a form.
        InvalidAttribute: a text is not UTF-8, or too long.
        FileTooLarge: a file is too long.
        As `announced_length` and `body_chunks`.
    """
    length = announced_length(max_bytes + ALLOWANCE_BYTES)
    form = _Form(body_chunks(length), max_bytes, names)
    try:
        form.read()
        yield form.files, form.texts
    finally:
        for sent in chain(*form.files.values()):
            sent.file.close()


def _bounded(chunks: Iterator[bytes], max_bytes: int) -> Iterator[bytes]:
    """The same chunks, as long as they are not too many."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            raise _too_large(size, max_bytes)
        yield chunk


def _too_large(size: int, max_bytes: int) -> FileTooLarge:
    return FileTooLarge(f"The file has more than {max_bytes} bytes.", limit=max_bytes, actual=size)


def _name_in_header() -> dict[str, str]:
    """The file's name; a header is no place for what cannot be read, so that is left out."""
    _, options = parse_options_header(request.headers.get("Content-Disposition", ""))
    name = options.get("filename", "")
    # Servers hand headers over as Latin-1; clients mean UTF-8 (RFC 9110, section 5.5).
    with suppress(UnicodeError):
        name = name.encode("latin-1").decode()
    return {"filename": name} if name else {}


class _Form:
    """A form, read a part at a time.

    Args:
        chunks: of the body.
        max_bytes: of a file in it.
        names: of the parts that are files, and how many of each are kept.
    """

    def __init__(self, chunks: Iterator[bytes], max_bytes: int, names: Mapping[str, int]) -> None:
        boundary = request.mimetype_params.get("boundary", "")
        if not boundary:
            raise InvalidRequest("A form's type needs a `boundary`.", header="Content-Type")
        self.files: dict[str, list[Sent]] = {}
        self._names = names
        self.texts: dict[str, str] = {}
        self._chunks = chunks
        self._max_bytes = max_bytes
        self._decoder = MultipartDecoder(
            boundary.encode("utf-8", "replace"),
            # What it may hold at once: a chunk, and what of the one before was undecided.
            max_form_memory_size=2 * CHUNK_BYTES + _MAX_TEXT_BYTES,
            max_parts=MAX_PARTS,
        )

    def read(self) -> None:
        """Read every part to the end of the body."""
        while not isinstance(event := self._next(), Epilogue):
            if isinstance(event, File | Field):
                self._read_part(event)
        for _ in self._chunks:
            pass  # what follows the last boundary has no meaning, but must have come

    def _read_part(self, part: File | Field) -> None:
        if self._names.get(part.name, 0) > len(self.files.get(part.name, ())):
            content = _bounded(self._content(), self._max_bytes)
            # Where the storage can keep it: it need not be written again.
            file = IncomingFile.receive(content, spool_folder_of(current_storage()))
            name = part.filename if isinstance(part, File) else None
            sent = Sent(file, {"filename": name} if name else {})
            self.files.setdefault(part.name, []).append(sent)
        elif part.name in TEXT_PARTS and isinstance(part, Field):
            self.texts[part.name] = self._read_text(part.name)
        else:
            for _ in self._content():
                pass  # some other program's

    def _read_text(self, name: str) -> str:
        held = bytearray()
        for chunk in self._content():
            held += chunk
            if len(held) > _MAX_TEXT_BYTES:
                raise InvalidAttribute(
                    f"A part beside the file has at most {_MAX_TEXT_BYTES} bytes.",
                    attribute=name,
                    limit=_MAX_TEXT_BYTES,
                )
        try:
            return held.decode()
        except UnicodeDecodeError:
            raise InvalidAttribute("The text is not UTF-8.", attribute=name) from None

    def _content(self) -> Iterator[bytes]:
        """What is in the present part."""
        while True:
            event = self._next()
            if not isinstance(event, Data):
                raise _malformed()
            yield event.data
            if not event.more_data:
                return

    def _next(self) -> object:
        while True:
            with _understood():
                event = self._decoder.next_event()
            if not isinstance(event, NeedData):
                return event
            chunk = next(self._chunks, None)
            with _understood():
                self._decoder.receive_data(chunk)


@contextmanager
def _understood() -> Iterator[None]:
    """Say of whatever the decoder makes of a malformed form that it is one."""
    try:
        yield
    except (ValueError, AttributeError, RequestEntityTooLarge):
        raise _malformed() from None


def _malformed() -> InvalidRequest:
    return InvalidRequest(f"The form is malformed, or has more than {MAX_PARTS} parts.")
