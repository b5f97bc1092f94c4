"""Receive the parts of a form, each within its bounds."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from open_event_uploads.errors import FileTooLarge, InvalidAttribute
from open_event_uploads.imaging.arriving_file import ArrivingFile
from open_event_uploads.imaging.incoming import IncomingFile

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


class Part(Protocol):
    """A part of a form that is arriving."""

    def append(self, content: bytes) -> None:
        """Take more of its content."""

    def end(self) -> None:
        """Keep what came."""

    def close(self) -> None:
        """Drop what came."""


class IgnoredPart:
    """A part for some other program."""

    def append(self, content: bytes) -> None:
        """`Part.append`."""

    def end(self) -> None:
        """`Part.end`."""

    def close(self) -> None:
        """`Part.close`."""


class TextPart(IgnoredPart):
    """A text.

    Args:
        name: of the part.
        keep: is given the text.
    """

    def __init__(self, name: str, keep: Callable[[str], None]) -> None:
        self._name = name
        self._keep = keep
        self._held = bytearray()

    def append(self, content: bytes) -> None:
        """`Part.append`."""
        self._held += content
        if len(self._held) > _MAX_TEXT_BYTES:
            raise InvalidAttribute(
                f"A part beside the file has at most {_MAX_TEXT_BYTES} bytes.",
                attribute=self._name,
                limit=_MAX_TEXT_BYTES,
            )

    def end(self) -> None:
        """`Part.end`."""
        try:
            self._keep(self._held.decode())
        except UnicodeDecodeError:
            raise InvalidAttribute("The text is not UTF-8.", attribute=self._name) from None


class FilePart:
    """A file.

    Args:
        max_bytes: of it.
        folder: where it is kept (`open_spool`).
        keep: is given the file.
    """

    def __init__(
        self,
        max_bytes: int,
        folder: os.PathLike[str] | None,
        keep: Callable[[IncomingFile], None],
    ) -> None:
        self._max_bytes = max_bytes
        self._keep = keep
        self._size = 0
        self._file = ArrivingFile(folder)

    def append(self, content: bytes) -> None:
        """`Part.append`."""
        self._size += len(content)
        if self._size > self._max_bytes:
            raise too_large(self._size, self._max_bytes)
        self._file.append([content])

    def end(self) -> None:
        """`Part.end`."""
        self._keep(IncomingFile(self._file.content()))

    def close(self) -> None:
        """`Part.close`."""
        self._file.close()


def too_large(size: int, max_bytes: int) -> FileTooLarge:
    """Return the error of a file that is too large."""
    return FileTooLarge(f"The file has more than {max_bytes} bytes.", limit=max_bytes, actual=size)
