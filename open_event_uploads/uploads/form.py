"""Read a form part by part: each file straight to disk, each text within its bounds."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from open_event_uploads.context import current_storage
from open_event_uploads.errors import FileTooLarge, InvalidAttribute, InvalidRequest
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.jsonapi.body import CHUNK_BYTES
from open_event_uploads.storage.capabilities import spool_folder_of
from open_event_uploads.uploads.fields import FIELDS

MAX_PARTS = 20
_TEXT_PARTS = frozenset(field.attribute for field in FIELDS)
_MAX_TEXT_BYTES = 16 * 1024


@dataclass(slots=True)
class ReceivedFile:
    """A file that is not in a document.

    Args:
        file: its bytes.
        texts: what was sent beside it, by attribute.
    """

    file: IncomingFile
    texts: dict[str, str] = field(default_factory=dict)


class Form:
    """A form that is read a part at a time.

    Werkzeug's `MultiPartParser` is not used: it replaces what is not UTF-8, bounds no file, and
    does not tell its `stream_factory` which part a file is of.

    Args:
        chunks: of the body.
        max_bytes: of a file in it.
        names: of the parts that are files, and how many of each are kept.
    """

    def __init__(self, chunks: Iterator[bytes], max_bytes: int, names: Mapping[str, int]) -> None:
        boundary = request.mimetype_params.get("boundary", "")
        if not boundary:
            raise InvalidRequest("A form's type needs a `boundary`.", header="Content-Type")
        self.files: dict[str, list[ReceivedFile]] = {}
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
            content = bounded(self._content(), self._max_bytes)
            # Where the storage can keep it: it need not be written again.
            file = IncomingFile.receive(content, spool_folder_of(current_storage()))
            name = part.filename if isinstance(part, File) else None
            sent = ReceivedFile(file, {"filename": name} if name else {})
            self.files.setdefault(part.name, []).append(sent)
        elif part.name in _TEXT_PARTS and isinstance(part, Field):
            self.texts[part.name] = self._read_text(part.name)
        else:
            for _ in self._content():
                pass  # a part for some other program

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
        """Yield the content of the present part."""
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
    """Raise `InvalidRequest` for whatever the decoder makes of a malformed form."""
    try:
        yield
    except (ValueError, AttributeError, RequestEntityTooLarge):
        raise _malformed() from None


def _malformed() -> InvalidRequest:
    return InvalidRequest(f"The form is malformed, or has more than {MAX_PARTS} parts.")


def bounded(chunks: Iterator[bytes], max_bytes: int) -> Iterator[bytes]:
    """Yield the same chunks; raise `FileTooLarge` once they are more than allowed."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            raise too_large(size, max_bytes)
        yield chunk


def too_large(size: int, max_bytes: int) -> FileTooLarge:
    """Return the error of a file that is too large."""
    return FileTooLarge(f"The file has more than {max_bytes} bytes.", limit=max_bytes, actual=size)
