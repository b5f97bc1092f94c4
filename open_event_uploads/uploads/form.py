"""Read a form while it arrives, so that each file is written once."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import (
    Data,
    Epilogue,
    Event,
    Field,
    File,
    NeedData,
)

from open_event_uploads.errors import InvalidRequest, StorageFull, UploadsError
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.jsonapi.body import CHUNK_BYTES
from open_event_uploads.uploads.fields import FIELDS
from open_event_uploads.uploads.form_decoder import FormDecoder
from open_event_uploads.uploads.form_parts import (
    FilePart,
    IgnoredPart,
    Part,
    ReceivedFile,
    TextPart,
)

MAX_PARTS = 20
_TEXT_PARTS = frozenset(field.attribute for field in FIELDS)

# Of a part's head, or what may be the beginning of a boundary, beside the next chunk.
_UNDECIDED_BYTES = CHUNK_BYTES + 16 * 1024


@dataclass(frozen=True, slots=True)
class FormRules:
    """The limits of a form, and which of its parts are kept.

    Args:
        boundary: between its parts, as its media type names it.
        names: of the parts that are files, and how many of each are kept.
        max_bytes: of a file.
        folder: where files are kept (`open_spool`).
    """

    boundary: str
    names: Mapping[str, int]
    max_bytes: int
    folder: os.PathLike[str] | None = None


class Form:
    """A receiver of a form.

    An error of the client is raised at the end, as if the whole form had been read then; nothing
    that comes behind it is kept.

    Werkzeug's `MultiPartParser` is not used: it replaces what is not UTF-8, bounds no file, and
    does not tell its `stream_factory` which part a file is of.
    """

    def __init__(self, rules: FormRules) -> None:
        self.files: dict[str, list[ReceivedFile]] = {}
        self.texts: dict[str, str] = {}
        self._rules = rules
        self._part: Part = IgnoredPart()
        self._error: UploadsError | None = None
        self._decoder = FormDecoder(
            rules.boundary.encode("utf-8", "replace"),
            max_form_memory_size=CHUNK_BYTES + _UNDECIDED_BYTES,
            max_parts=MAX_PARTS,
        )

    def append(self, parts: Sequence[bytes]) -> None:
        """`Receiver.append`."""
        for part in parts:
            for start in range(0, len(part), CHUNK_BYTES):
                self._receive(memoryview(part)[start : start + CHUNK_BYTES])

    def finish(self) -> None:
        """Make sure that the form was whole.

        Raises:
            InvalidRequest: it is malformed.
            InvalidAttribute: a text is not UTF-8, or too long.
            FileTooLarge: a file is too long.
        """
        self._receive(None)
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """`Receiver.close`; closes the files, too."""
        self._part.close()
        for sent in chain(*self.files.values()):
            sent.file.close()

    def _receive(self, chunk: memoryview | None) -> None:
        """Take a chunk of the body; None is its end."""
        if self._error is not None:
            return
        try:
            with _translate_form_errors():
                self._decoder.receive_data(chunk)  # type: ignore[arg-type]  # any buffer
            while not isinstance(event := self._next(), NeedData | Epilogue):
                self._take(event)
        except StorageFull:
            raise
        except UploadsError as error:
            self._error = error
            self.close()

    def _next(self) -> Event:
        with _translate_form_errors():
            return self._decoder.next_event()

    def _take(self, event: Event) -> None:
        if isinstance(event, File | Field):
            self._part = self._begin_part(event)
        elif isinstance(event, Data):
            self._part.append(event.data)
            if not event.more_data:
                self._part.end()
                self._part = IgnoredPart()

    def _begin_part(self, part: File | Field) -> Part:
        rules, name = self._rules, part.name
        if rules.names.get(name, 0) > len(self.files.get(name, ())):
            filename = part.filename if isinstance(part, File) else ""
            return FilePart(rules.max_bytes, rules.folder, partial(self._keep, name, filename))
        if name in _TEXT_PARTS and isinstance(part, Field):
            return TextPart(name, partial(self.texts.__setitem__, name))
        return IgnoredPart()

    def _keep(self, name: str, filename: str, file: IncomingFile) -> None:
        sent = ReceivedFile(file, {"filename": filename} if filename else {})
        self.files.setdefault(name, []).append(sent)


@contextmanager
def _translate_form_errors() -> Iterator[None]:
    """Raise `InvalidRequest` for whatever the decoder makes of a malformed form."""
    try:
        yield
    except (ValueError, AttributeError, RequestEntityTooLarge):
        raise InvalidRequest(
            f"The form is malformed, or has more than {MAX_PARTS} parts."
        ) from None
