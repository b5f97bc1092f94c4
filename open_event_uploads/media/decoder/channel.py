"""How the server and a decoder speak: frames over a socket, with a file beside each.

A frame is two lengths, a message, and the bytes that go with it. A file that has a descriptor goes
as that (SCM_RIGHTS, unix(7)).
"""

import os
import socket
import struct
import time

_LENGTHS = struct.Struct(">IQ")
_MAX_MESSAGE_BYTES = 64 * 1024
_READ_BYTES = 1024 * 1024


class Frame:
    """The beginning of what the other side says.

    Args:
        message: the message.
        content_bytes: how many bytes go with it; they are still to be read.
        descriptor: of the file that goes with it, open; whoever has the frame closes it.
    """

    __slots__ = ("content_bytes", "descriptor", "message")

    def __init__(self, message: bytes, content_bytes: int, descriptor: int | None) -> None:
        self.message = message
        self.content_bytes = content_bytes
        self.descriptor = descriptor


class Channel:
    """One end of a connection. Every method may raise OSError: the other side is gone, or late.

    Args:
        connection: a stream of the family AF_UNIX, which this object takes over.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._deadline: float | None = None

    def expect_within(self, seconds: float) -> None:
        """From now on everything together may take so many seconds; then TimeoutError comes."""
        self._deadline = time.monotonic() + seconds

    def send(self, message: bytes, content: bytes = b"", descriptor: int | None = None) -> None:
        """Send a message, and the bytes or the open file that go with it."""
        head = _LENGTHS.pack(len(message), len(content)) + message
        self._watch_the_clock()
        sent = socket.send_fds(self._connection, [head], [] if descriptor is None else [descriptor])
        for part in (head[sent:], content):
            self._watch_the_clock()
            self._connection.sendall(part)

    def receive(self) -> Frame:
        """Receive a message.

        Raises:
            EOFError: the other side is gone.
            ValueError: nobody of ours says such a thing.
        """
        self._watch_the_clock()
        head, descriptors, _, _ = socket.recv_fds(self._connection, _LENGTHS.size, 1)
        try:
            size, content_bytes = self._lengths(head)
            message = self.read(size)
        except BaseException:
            for each in descriptors:
                os.close(each)
            raise
        return Frame(message, content_bytes, descriptors[0] if descriptors else None)

    def _lengths(self, head: bytes) -> tuple[int, int]:
        if not head:
            raise EOFError
        size, content_bytes = _LENGTHS.unpack(head + self.read(_LENGTHS.size - len(head)))
        if size > _MAX_MESSAGE_BYTES:
            raise ValueError("The message is too long.")
        return size, content_bytes

    def read(self, size: int) -> bytes:
        """Read the bytes that go with a message.

        Raises:
            EOFError: the other side is gone.
        """
        received = bytearray()
        while len(received) < size:
            self._watch_the_clock()
            part = self._connection.recv(min(size - len(received), _READ_BYTES))
            if not part:
                raise EOFError
            received += part
        return bytes(received)

    def close(self) -> None:
        """Let the other side know that it is over."""
        self._connection.close()

    def _watch_the_clock(self) -> None:
        """Let the next call wait no longer than what is left."""
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._connection.settimeout(left)
