"""Test that the load checks every answer: its status, its length, and that it is complete."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from bench.answer import WrongAnswer
from bench.load import Job, run

_REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@contextmanager
def answering(*parts: bytes) -> Iterator[int]:
    """Run a server that answers each request with these parts, one after the other."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        # Who is refused an answer hangs up in the middle of things.
        with connection, suppress(ConnectionError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while connection.recv(4096):
                for part in parts:
                    connection.sendall(part)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        # Closing alone does not wake who waits in `accept`.
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def job(port: int, *, body_bytes: int | None = 3) -> Job:
    return Job(port, _REQUEST, 200, body_bytes, 0.05)


def test_a_body_of_known_length_is_counted() -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", b"abc") as port:
        assert run(job(port)).latencies


def test_a_chunked_body_ends_with_its_last_chunk() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with answering(head, b"3\r\nabc\r\n", b"0\r\n", b"\r\n") as port:
        assert run(job(port)).latencies


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd",
        b"HTTP/1.1 200 OK\r\n\r\nabc",
    ],
)
def test_another_answer_stops_the_run(head: bytes) -> None:
    with answering(head) as port, pytest.raises(WrongAnswer):
        run(job(port))
