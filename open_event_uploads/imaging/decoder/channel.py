"""How the server and a decoder speak: frames over a socket, with a file beside each.

A frame is two lengths, a message, and the bytes that go with it. A file that has a descriptor goes
as that (SCM_RIGHTS, unix(7)).

A frame is sent with one call and, if it is short, received with one: each is a moment in which the
server's other threads may take over. So it is the kernel that keeps the time (SO_RCVTIMEO,
socket(7)), and not Python, which would ask before each call.
"""

import math
import os
import socket
import struct
import time

_LENGTHS = struct.Struct(">IQ")
_MAX_MESSAGE_BYTES = 64 * 1024
_READ_BYTES = 1024 * 1024

# What one call receives at first: a message, and a small file with it.
_FIRST_BYTES = 32 * 1024

_DESCRIPTOR = struct.Struct("@i")
_TIME = struct.Struct("@ll")
# By so much the kernel may wait longer than it should: seconds, and a part of the whole.
_TOLERANCE, _SHARE = 0.5, 0.01

_CLOSED_ON_EXEC = getattr(socket, "MSG_CMSG_CLOEXEC", 0)


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
        connection.settimeout(None)
        self._connection = connection
        self._deadline = self._kernel_waits = math.inf
        self._received = b""

    def expect_within(self, seconds: float) -> None:
        """From now on everything together may take so many seconds; then TimeoutError comes."""
        self._deadline = time.monotonic() + seconds

    def send(self, message: bytes, content: bytes = b"", descriptor: int | None = None) -> None:
        """Send a message, and the bytes or the open file that go with it."""
        parts = [_LENGTHS.pack(len(message), len(content)) + message, content]
        beside = []
        if descriptor is not None:
            beside = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, _DESCRIPTOR.pack(descriptor))]
        self._watch_the_clock()
        try:
            sent = self._connection.sendmsg(parts, beside)
            for part in parts:
                rest = memoryview(part)[sent:]
                sent = max(0, sent - len(part))
                while rest:
                    self._watch_the_clock()
                    rest = rest[self._connection.send(rest) :]
        except BlockingIOError:
            raise TimeoutError from None

    def receive(self) -> Frame:
        """Receive a message.

        Raises:
            EOFError: the other side is gone.
            ValueError: nobody of ours says such a thing.
        """
        descriptors = [] if self._received else self._receive_first()
        try:
            size, content_bytes = _LENGTHS.unpack(self.read(_LENGTHS.size))
            message = self.read(_checked(size))
        except BaseException:
            for each in descriptors:
                os.close(each)
            raise
        return Frame(message, content_bytes, descriptors[0] if descriptors else None)

    def _receive_first(self) -> list[int]:
        """The first bytes, and the descriptors that come with them."""
        self._watch_the_clock()
        room = socket.CMSG_LEN(_DESCRIPTOR.size)  # for one; what comes beyond is closed
        try:
            self._received, beside, _, _ = self._connection.recvmsg(
                _FIRST_BYTES, room, _CLOSED_ON_EXEC
            )
        except BlockingIOError:
            raise TimeoutError from None
        return [
            number
            for level, kind, content in beside
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS)
            for (number,) in _DESCRIPTOR.iter_unpack(content)
        ]

    def read(self, size: int) -> bytes:
        """Read the bytes that go with a message.

        Raises:
            EOFError: the other side is gone.
        """
        first, self._received = self._received[:size], self._received[size:]
        if len(first) == size:
            return first
        parts, missing = [first], size - len(first)
        while missing:
            self._watch_the_clock()
            try:
                part = self._connection.recv(min(missing, _READ_BYTES), socket.MSG_WAITALL)
            except BlockingIOError:
                raise TimeoutError from None
            if not part:
                raise EOFError
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def close(self) -> None:
        """Let the other side know that it is over."""
        self._connection.close()

    def _watch_the_clock(self) -> None:
        """Let the next call wait no longer than what is left, or hardly."""
        if self._deadline == math.inf:
            return
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if left <= self._kernel_waits <= left + max(_TOLERANCE, left * _SHARE):
            return
        # The kernel counts in ticks, and waits for ever at none.
        value = _TIME.pack(int(left), max(1000, int(left % 1 * 1e6)))
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, value)
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, value)
        self._kernel_waits = left


def _checked(size: int) -> int:
    if size > _MAX_MESSAGE_BYTES:
        raise ValueError("The message is too long.")
    return size
