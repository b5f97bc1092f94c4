"""Extract the files from a long document before it is decoded as JSON.

A file in a document is a string of base64, nearly all of its text. The JSON decoder would copy it
into a Python string, which base64 would copy again. Here it is decoded in place, and the rest is
decoded as JSON. Only the plain case is extracted: a member `data`, a `data:` URI, strict base64.
Everything else is left to the JSON decoder.
"""

import mmap
import re
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from open_event_uploads.imaging.data_uri import PLAIN_HEAD, decode_strictly

if TYPE_CHECKING:
    from open_event_uploads.imaging.incoming import IncomingFile

Body = bytes | mmap.mmap

# A shorter document gains nothing.
LONG_BYTES = 64 * 1024

_SPACE = r"[ \t\n\r]{0,20}"
_URI = re.compile(rf'"data"{_SPACE}:{_SPACE}"(?i:{PLAIN_HEAD}),'.encode())
_SEARCHED_FIRST_BYTES, _SEARCHED_AT_ONCE_BYTES = 256, 1024 * 1024


class ExtractedFiles:
    """The files of a document, and its text without them."""

    def __init__(self, body: Body) -> None:
        # Random, so that no document contains it.
        self._mark = secrets.token_hex(16)
        self._files: dict[str, IncomingFile] = {}
        self.text = b"".join(self._rest(body))
        if self._files and isinstance(body, mmap.mmap):
            # It is not read again; its pages need not stay in memory.
            body.madvise(mmap.MADV_DONTNEED)

    def _rest(self, body: Body) -> Iterator[bytes]:
        """Yield the text, with a mark in place of each file."""
        place = 0
        while match := _URI.search(body, place):
            start, end = match.end(), _end_of_string(body, match.end())
            file = None
            if end - start >= LONG_BYTES:
                with memoryview(body)[start:end] as payload:
                    file = decode_strictly(payload)
            if file is None:
                yield body[place:end]
            else:
                mark = f"{self._mark}-{len(self._files)}"
                self._files[mark] = file
                yield body[place : match.start()] + b'"data":"' + mark.encode()
            place = end
        yield body[place:]

    def put_back(self, document: object) -> bool:
        """Replace each mark in the decoded document by its file; return False if one is missing."""
        self._replace(document)
        return not self._files

    def _replace(self, node: Any) -> None:  # noqa: ANN401 - whatever JSON can be
        if isinstance(node, dict):
            # Only members `data` are extracted.
            mark = node.get("data")
            if isinstance(mark, str) and mark in self._files:
                node["data"] = self._files.pop(mark)
            node = node.values()
        elif not isinstance(node, list):
            return
        for child in node:
            self._replace(child)

    def __bool__(self) -> bool:
        """Return whether there are any files."""
        return bool(self._files)


def _end_of_string(body: Body, start: int) -> int:
    """Return the end of a string without escaped quotation marks, as base64 is.

    The bytes copied for the search are in proportion to the string.
    """
    place, size = start, _SEARCHED_FIRST_BYTES
    while place < len(body):
        found = body[place : place + size].find(b'"')
        if found >= 0:
            return place + found
        place, size = place + size, min(4 * size, _SEARCHED_AT_ONCE_BYTES)
    return len(body)
