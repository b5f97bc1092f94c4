"""Files are taken out of a long document before it is read as JSON.

A file in a document is a string of base64, nearly all of its text. As JSON it would be copied into
a Python string, and from there once more to be decoded. Here it is decoded where it stands, and
what is read as JSON is the rest. Only what is beyond doubt is lifted: the member `data`, a plain
`data:` URI, strict base64. Whatever else there is, the document is read as any other.
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

# A shorter document is read as it is: nothing would be gained.
LONG_BYTES = 64 * 1024

_SPACE = r"[ \t\n\r]{0,20}"
_URI = re.compile(rf'"data"{_SPACE}:{_SPACE}"(?i:{PLAIN_HEAD}),'.encode())
_SEARCHED_FIRST_BYTES, _SEARCHED_AT_ONCE_BYTES = 256, 1024 * 1024


class Lifted:
    """A document without the files in it.

    Args:
        body: the document.
    """

    def __init__(self, body: Body) -> None:
        # Nobody can have written these words into the document.
        self._mark = secrets.token_hex(16)
        self._files: dict[str, IncomingFile] = {}
        self.text = b"".join(self._rest(body))
        if self._files and isinstance(body, mmap.mmap):
            # Nobody reads it again; what waits in a file need not stay in memory, too.
            body.madvise(mmap.MADV_DONTNEED)

    def _rest(self, body: Body) -> Iterator[bytes]:
        """What is not lifted, with a mark in place of each file."""
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
        """Put each file where its mark is in what was read; False where one has none."""
        self._replace(document)
        return not self._files

    def _replace(self, node: Any) -> None:  # noqa: ANN401 - whatever JSON can be
        if isinstance(node, dict):
            # Nothing else than a member `data` is ever lifted.
            mark = node.get("data")
            if isinstance(mark, str) and mark in self._files:
                node["data"] = self._files.pop(mark)
            node = node.values()
        elif not isinstance(node, list):
            return
        for child in node:
            self._replace(child)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._files)


def _end_of_string(body: Body, start: int) -> int:
    """Where the string ends that has no escaped quotation mark, which base64 has not.

    What is copied to be searched is in proportion to the string, however many of them there are.
    """
    place, size = start, _SEARCHED_FIRST_BYTES
    while place < len(body):
        found = body[place : place + size].find(b'"')
        if found >= 0:
            return place + found
        place, size = place + size, min(4 * size, _SEARCHED_AT_ONCE_BYTES)
    return len(body)
