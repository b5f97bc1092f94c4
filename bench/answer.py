"""An answer as it comes in: judged by its status and its length, and whole at some time."""

import re

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
# What a chunked body ends with (RFC 9112, section 7.1); trailers are not sent here.
_LAST_CHUNK = b"0\r\n\r\n"


class WrongAnswer(Exception):
    """Raised when a server says something else than it should: its figures would mean nothing."""


class Answer:
    """One answer of HTTP/1.1.

    Args:
        status: the one that it must have.
        body_bytes: the length that it must have, where it is always the same.
    """

    def __init__(self, status: int, body_bytes: int | None) -> None:
        self._beginning = b"HTTP/1.1 %d " % status
        self._wanted = body_bytes
        self._head: bytes | None = b""
        self._missing = 0
        self._tail: bytes | None = None

    def take(self, chunk: bytes) -> bool:
        """Take what came next, and say whether the answer is whole.

        Raises:
            WrongAnswer: it is not what it must be.
        """
        if self._head is not None:
            self._head += chunk
            head, end, chunk = self._head.partition(b"\r\n\r\n")
            if not end:
                return False
            self._missing, self._head = self._judge(head), None
        self._missing -= len(chunk)
        if self._tail is None:
            return not self._missing
        # What was said of a chunked body's length is less than what comes around the chunks, too.
        self._tail = (self._tail + chunk)[-len(_LAST_CHUNK) :]
        return self._missing <= 0 and self._tail == _LAST_CHUNK

    def _judge(self, head: bytes) -> int:
        """The least length of the body that belongs to this head."""
        if head.startswith(self._beginning):
            length = _LENGTH.search(head)
            if length and self._wanted in (None, int(length[1])):
                return int(length[1])
            if not length and self._wanted is not None and _CHUNKED.search(head):
                self._tail = b""
                return self._wanted
        raise WrongAnswer((self._head or b"")[:1000].decode("utf-8", "replace"))
