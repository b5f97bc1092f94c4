"""Send bytes that no HTTP client would send."""

import socket
from typing import NamedTuple, Protocol

from tests.server import Server


class Raw(NamedTuple):
    """An answer, unparsed.

    Args:
        status: 0 where the connection was closed without one.
        fields: the head, in lower case.
        body: what followed.
    """

    status: int
    fields: str
    body: bytes


class Listening(Protocol):
    """A server that listens on `address`, a host and a port."""

    address: str


def head_of(server: Server, line: str, *fields: str) -> bytes:
    """Return the head of an admin's request."""
    own = ("Host: uploads.test", f"Authorization: Bearer {server.token}")
    return "\r\n".join((f"{line} HTTP/1.1", *own, *fields, "", "")).encode("latin-1")


def connect(server: Listening) -> socket.socket:
    host, _, port = server.address.partition(":")
    return socket.create_connection((host, int(port)), timeout=40)


def exchange(server: Listening, sent: bytes, *, ends: bool = False) -> Raw:
    """Send bytes, then read until the connection is closed or the answer is complete.

    Args:
        server: to talk to.
        sent: everything that is sent.
        ends: whether the client says that nothing more follows.
    """
    with connect(server) as connection:
        try:
            connection.sendall(sent)
            if ends:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it was refused before all of it was sent
        return answer_of(connection)


def answer_of(connection: socket.socket) -> Raw:
    held = b""
    while not _is_complete(held):
        try:
            part = connection.recv(65536)
        except ConnectionResetError:
            break
        if not part:
            break
        held += part
    head, _, body = held.partition(b"\r\n\r\n")
    line, _, fields = head.decode("latin-1").lower().partition("\r\n")
    return Raw(int(line.split()[1]) if line else 0, fields, body)


def _is_complete(held: bytes) -> bool:
    head, end, body = held.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"http/1.1 204 "):
            return bool(end)
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.partition(b":")[2])
    return False
