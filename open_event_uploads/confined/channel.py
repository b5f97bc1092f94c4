"""Exchange frames with a confined process over sockets.

A frame is two lengths, a message, and content bytes. An open file is passed as a descriptor instead
of content (SCM_RIGHTS, unix(7)).

A frame is sent in one system call and, if it is short, received in one: at each call other threads
of the server may take over. For the same reason the kernel enforces the timeout (SO_RCVTIMEO,
socket(7)): Python would poll before each call.
"""

import math
import os
import socket
import struct
import time
from typing import NamedTuple

_LENGTHS = struct.Struct(">IQ")
_MAX_MESSAGE_BYTES = 64 * 1024
_READ_BYTES = 1024 * 1024

# Size of the first call of `receive`: a message with a small file.
_FIRST_BYTES = 32 * 1024

_DESCRIPTOR = struct.Struct("@i")
_TIME = struct.Struct("@ll")
# How much longer the kernel may wait than it should: seconds, and a share of the time left.
_TOLERANCE_SECONDS, _TOLERANCE_SHARE = 0.5, 0.01

_CLOSED_ON_EXEC = getattr(socket, "MSG_CMSG_CLOEXEC", 0)


class Frame(NamedTuple):
    """A frame with its content still to be read, or an open file that the caller closes."""

    message: bytes
    content_bytes: int
    descriptor: int | None


class Channel:
    """One end of two AF_UNIX connections; all methods raise OSError if the peer is gone or late.

    Each connection has one direction: the kernel wakes who waits to receive whenever the peer has
    read what was sent over the same connection.

    Args:
        incoming: to receive from.
        outgoing: to send to.
    """

    def __init__(self, incoming: socket.socket, outgoing: socket.socket) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        for each in (incoming, outgoing):
            each.settimeout(None)
        self._deadline = self._kernel_waits = math.inf
        self._received = b""
        self._position = 0

    def set_deadline(self, seconds: float) -> None:
        """Set the deadline of all following calls together; after it they raise TimeoutError."""
        self._deadline = time.monotonic() + seconds

    def send(self, message: bytes, content: bytes = b"", descriptor: int | None = None) -> None:
        """Send a message with content or an open file."""
        parts = [_LENGTHS.pack(len(message), len(content)) + message, content]
        ancillary = []
        if descriptor is not None:
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, _DESCRIPTOR.pack(descriptor))]
        self._apply_deadline()
        try:
            sent = self._outgoing.sendmsg(parts, ancillary)
            for part in parts:
                rest = memoryview(part)[sent:]
                sent = max(0, sent - len(part))
                while rest:
                    self._apply_deadline()
                    rest = rest[self._outgoing.send(rest) :]
        except BlockingIOError:
            raise TimeoutError from None

    def receive(self) -> Frame:
        """Receive a message; raise EOFError at the end, and ValueError if the frame is not ours."""
        descriptors = self._receive_first() if self._position == len(self._received) else []
        try:
            size, content_bytes = _LENGTHS.unpack(self.read(_LENGTHS.size))
            message = self.read(_checked(size))
        except BaseException:
            for each in descriptors:
                os.close(each)
            raise
        return Frame(message, content_bytes, descriptors[0] if descriptors else None)

    def _receive_first(self) -> list[int]:
        """Receive the first bytes; return the descriptors that come with them."""
        self._apply_deadline()
        space = socket.CMSG_LEN(_DESCRIPTOR.size)  # for one; the kernel closes any others
        try:
            self._position = 0
            self._received, ancillary, _, _ = self._incoming.recvmsg(
                _FIRST_BYTES, space, _CLOSED_ON_EXEC
            )
        except BlockingIOError:
            raise TimeoutError from None
        return [
            number
            for level, kind, content in ancillary
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS)
            for (number,) in _DESCRIPTOR.iter_unpack(content)
        ]

    def read(self, size: int) -> bytes:
        """Read content of a frame; raise EOFError if the peer has closed the connection."""
        first = self._received[self._position : self._position + size]
        self._position += len(first)
        if len(first) == size:
            return first
        parts, missing = [first], size - len(first)
        while missing:
            self._apply_deadline()
            try:
                part = self._incoming.recv(min(missing, _READ_BYTES), socket.MSG_WAITALL)
            except BlockingIOError:
                raise TimeoutError from None
            if not part:
                raise EOFError
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def close(self) -> None:
        """Close the connections, which ends the peer."""
        self._outgoing.close()
        self._incoming.close()

    def _apply_deadline(self) -> None:
        """Make the kernel stop the next call at the deadline, or hardly later."""
        if self._deadline == math.inf:
            return
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if left <= self._kernel_waits <= left + max(_TOLERANCE_SECONDS, left * _TOLERANCE_SHARE):
            return
        # The kernel counts in ticks; 0 would mean no timeout.
        value = _TIME.pack(int(left), max(1000, int(left % 1 * 1e6)))
        self._incoming.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, value)
        self._outgoing.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, value)
        self._kernel_waits = left


def _checked(size: int) -> int:
    if size > _MAX_MESSAGE_BYTES:
        raise ValueError("The message is too long.")
    return size
