"""The Range header (RFC 9110, section 14), and the bytes that it names.

Werkzeug's `make_conditional` (3.1) is not used: it answers 416 to a Range that a server should
ignore (section 14.2) and to a suffix longer than the file, and 206 to HEAD, to an If-Range that
proves nothing and where If-Match or If-None-Match forbid it (section 13.2.2).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from open_event_uploads.errors import RangeNotSatisfiable

_BYTE_RANGE = re.compile(r"bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*", re.IGNORECASE | re.ASCII)

_MAX_DIGITS = 4000

# Read and sent at once.
_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A part of a file.

    Args:
        start: of its first byte, counted from 0.
        stop: after its last byte.
        size: of the whole file, bytes.
    """

    start: int
    stop: int
    size: int

    @property
    def length(self) -> int:
        """Bytes in this part."""
        return self.stop - self.start

    @property
    def content_range(self) -> str:
        """The value of Content-Range (section 14.4)."""
        return f"bytes {self.start}-{self.stop - 1}/{self.size}"


def requested_range(header: str | None, size: int) -> ByteRange | None:
    """Return the part of a file that a request asks for.

    Args:
        header: the value of Range, or None.
        size: of the whole file, bytes.

    Returns:
        One range; None for the whole file, also where the header is malformed, in another unit or
        asks for several parts: section 14.2 lets a server ignore it.

    Raises:
        RangeNotSatisfiable: the range lies outside the file.
    """
    match = _BYTE_RANGE.fullmatch(header or "")
    if match is None or match[1] == match[2] == "":
        return None
    first, last = match[1], match[2]
    if not first:
        start, stop = max(0, size - _number(last)), size
    else:
        start, stop = _number(first), min(size, _number(last) + 1) if last else size
        if last and _number(last) < _number(first):
            return None
    if start >= stop:
        raise RangeNotSatisfiable(
            f"The file has {size} bytes.",
            header="Range",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return ByteRange(start, stop, size)


def _number(digits: str) -> int:
    """Return a number; `int` takes at most 4300 digits, and a longer one is beyond every file."""
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= _MAX_DIGITS else 10**_MAX_DIGITS


class FileChunks:
    """The bytes of one part of a file, in chunks; closed at the end, or earlier by the server.

    Not a generator: closing one that was never started would leave the file open.

    Args:
        file: open; this object takes it over.
        start: of the first byte.
        length: bytes.
    """

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        self.length = length
        self._file = file
        self._missing = length
        if start:
            file.seek(start)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = self._file.read(min(self._missing, _CHUNK_BYTES)) if self._missing else b""
        if not chunk:
            self._missing = 0
            self.close()
            raise StopIteration
        self._missing -= len(chunk)
        return chunk

    def close(self) -> None:
        """Close the file."""
        self._file.close()
