"""The Range header (RFC 9110, section 14)."""

import re
from dataclasses import dataclass

from open_event_uploads.errors import RangeNotSatisfiable

_BYTE_RANGE = re.compile(r"bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*", re.IGNORECASE | re.ASCII)

_MAX_DIGITS = 4000


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
        """The header that describes it (section 14.4)."""
        return f"bytes {self.start}-{self.stop - 1}/{self.size}"


def requested_range(header: str | None, size: int) -> ByteRange | None:
    """The part of a file that a request asks for.

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
    """A number; one too long for `int`, which takes at most 4300 digits, is beyond every file."""
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= _MAX_DIGITS else 10**_MAX_DIGITS
