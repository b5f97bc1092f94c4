"""Decode a form step by step."""

import re
from typing import Any

from werkzeug.sansio.multipart import MultipartDecoder, State

_LINE_BREAK = re.compile(rb"\r\n|\r|\n")

# What may stand between a delimiter and the end of its line, as far as it has come.
_UNFINISHED = re.compile(rb"-|[^\S\r\n]*")


class FormDecoder(MultipartDecoder):
    """Werkzeug's decoder, with a search of its own for the end of a part.

    Werkzeug's (3.1) takes the line break before a boundary for content if the form is cut within
    the two dashes behind it, and copies the content four times.
    """

    def __init__(self, boundary: bytes, **limits: Any) -> None:  # noqa: ANN401 - Werkzeug's
        super().__init__(boundary, **limits)
        self._delimiter = b"--" + boundary
        self._begins = False

    def _parse_data(self, data: bytes | bytearray, *, start: bool) -> tuple[bytes, int, bool]:
        """Return the content in the buffer, how much of that is done with, and whether more comes.

        Content begins behind a line break, which may also be that of the next boundary.
        """
        self._begins |= start
        first = _LINE_BREAK.match(data) if self._begins else None
        begin = first.end() if first else 0
        found = data.find(self._delimiter)
        match = self.boundary_re.search(data, max(0, found - 2)) if found >= 0 else None
        if match is not None:
            self.state = State.EPILOGUE if match[1].startswith(b"--") else State.PART
            end, done = match.span()
        else:
            end = done = self._decided(data, self._last(data) if found >= 0 else found)
        self._begins = end < begin and match is None
        with memoryview(data) as view:
            return bytes(view[begin:end]), done, match is None

    def _last(self, data: bytes | bytearray) -> int:
        """Return where the last delimiter that follows a line break begins; negative for none.

        Not any: within dashes, one of dashes alone is found behind its beginning, too.
        """
        found = max(data.rfind(line_break + self._delimiter) for line_break in (b"\r", b"\n"))
        return found + 1 if found >= 0 else found

    def _decided(self, data: bytes | bytearray, last: int) -> int:
        """Return where what may become a boundary begins, by its line break.

        Args:
            data: the buffer, without a boundary.
            last: as of `_last`.
        """
        if last < 0 or not _UNFINISHED.fullmatch(data, last + len(self._delimiter)):
            last = len(data) - len(self._delimiter) + 1
        for match in _LINE_BREAK.finditer(data, max(0, last - 2)):
            rest = data[match.end() : match.end() + len(self._delimiter)]
            if self._delimiter.startswith(bytes(rest)):
                return match.start()
        return len(data)
