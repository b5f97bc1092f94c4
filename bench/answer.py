"""Check the status and the length of an HTTP answer while it arrives."""

import re

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
# The end of a chunked body (RFC 9112, section 7.1) without trailers.
_LAST_CHUNK = b"0\r\n\r\n"


class WrongAnswer(Exception):
    """Raised when a server answers wrongly, so that its figures would mean nothing."""


class Answer:
    """An answer of HTTP/1.1.

    Args:
        status: that it must have.
        body_bytes: that it must have; None for any length.
    """

    def __init__(self, status: int, body_bytes: int | None) -> None:
        self._beginning = b"HTTP/1.1 %d " % status
        self._wanted = body_bytes
        self._head: bytes | None = b""
        self._missing = 0
        self._tail: bytes | None = None

    def take(self, chunk: bytes) -> bool:
        """Add the next bytes, and return True once the answer is complete.

        Raises:
            WrongAnswer: the status or the length is wrong.
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
        # A chunked body is longer than its content, by the lines around the chunks.
        self._tail = (self._tail + chunk)[-len(_LAST_CHUNK) :]
        return self._missing <= 0 and self._tail == _LAST_CHUNK

    def _judge(self, head: bytes) -> int:
        """Check a head, and return the least length of its body in bytes."""
        if head.startswith(self._beginning):
            length = _LENGTH.search(head)
            if length and self._wanted in (None, int(length[1])):
                return int(length[1])
            if not length and self._wanted is not None and _CHUNKED.search(head):
                self._tail = b""
                return self._wanted
        raise WrongAnswer((self._head or b"")[:1000].decode("utf-8", "replace"))
