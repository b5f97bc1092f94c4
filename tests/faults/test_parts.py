"""Bodies that are kept as they arrive, on the wire of the real server."""

import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.faults.parts_server import DEADLINE_SECONDS, MAX_BYTES, METRICS_TOKEN
from tests.faults.wire import Raw, answer_of, connect, exchange
from tests.ports import free_port, listens_soon
from tests.processes import start

pytestmark = [pytest.mark.server, pytest.mark.default_stack("says nothing about either engine")]

CHUNKED = "Transfer-Encoding: chunked"
_numbers = count()


class Parts:
    """A server with the route of `parts_server.py`.

    Args:
        folder: for what it notes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        port = free_port()
        self.address = f"127.0.0.1:{port}"
        command = [sys.executable, "-m", "tests.faults.parts_server", str(folder), str(port)]
        manage = [sys.executable, "manage.py", "db", "upgrade"]
        root = Path(__file__).parents[2]
        environment = {**os.environ, "UPLOADS_DATA_DIR": str(folder)}
        subprocess.run(manage, cwd=root, env=environment, check=True, capture_output=True)  # noqa: S603 - ours
        self._process = start(command, cwd=root)
        assert listens_soon(port)

    def stop(self) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(30)

    def head(self, name: str, *fields: str) -> bytes:
        return "\r\n".join((f"PATCH /parts/{name} HTTP/1.1", "Host: x", *fields, "", "")).encode()

    def received_bytes(self) -> float:
        """Return how many bytes the figures say were received."""
        fields = (
            f"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {METRICS_TOKEN}\r\n\r\n"
        )
        text = exchange(self, fields.encode()).body.decode()
        found = re.search(
            r'^uploads_http_received_bytes_total\{route="/parts.*\} (.*)$', text, re.MULTILINE
        )
        return float(found[1]) if found else 0.0

    def noted(self, name: str) -> bytes:
        path = self.folder / name
        return path.read_bytes() if path.exists() else b""

    def has(self, name: str, suffix: str) -> bool:
        return (self.folder / f"{name}.{suffix}").exists()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    running = Parts(tmp_path_factory.mktemp("parts"))
    yield running
    running.stop()


@pytest.fixture
def name() -> str:
    return f"body{next(_numbers)}"


def chunks(content: bytes, size: int) -> bytes:
    parts = [content[start : start + size] for start in range(0, len(content), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)


def wait_until(is_so: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


def shut(connection: socket.socket) -> None:
    """Send nothing more, but listen."""
    connection.shutdown(socket.SHUT_WR)
    answer_of(connection)


def assert_refused(answer: Raw, status: int, code: str) -> None:
    assert answer.status == status, answer
    (error,) = json.loads(answer.body)["errors"]
    assert error["code"] == code


CONTENT = os.urandom(200_000)


@pytest.mark.parametrize("size", [1000, 70_000, 200_000])
def test_a_body_in_chunks_comes_whole(server: Parts, name: str, size: int) -> None:
    sent = server.head(name, CHUNKED) + chunks(CONTENT, size) + b"0\r\n\r\n"
    again = server.head(f"{name}again", CHUNKED) + b"3\r\nabc\r\n0\r\n\r\n"
    with connect(server) as connection:
        connection.sendall(sent)
        assert answer_of(connection).status == 200
        # The connection serves further requests.
        connection.sendall(again)
        assert answer_of(connection).status == 200
    assert server.noted(name) == CONTENT
    assert server.noted(f"{name}again") == b"abc"
    assert server.has(name, "whole")
    assert not server.has(name, "kept")


def test_the_figures_count_what_came_in_chunks(server: Parts, name: str) -> None:
    before = server.received_bytes()
    sent = server.head(name, CHUNKED) + chunks(CONTENT, 70_000) + b"0\r\n\r\n"
    assert exchange(server, sent).status == 200
    assert server.received_bytes() == before + len(CONTENT)


@pytest.mark.parametrize("length", [0, 3, 65_536, 65_537, 200_000])
def test_a_body_of_a_known_length_comes_whole(server: Parts, name: str, length: int) -> None:
    sent = server.head(name, f"Content-Length: {length}") + CONTENT[:length]
    assert exchange(server, sent).status == 200
    assert server.noted(name) == CONTENT[:length]
    assert server.has(name, "whole")


def test_a_request_that_tells_no_length_has_no_body(server: Parts, name: str) -> None:
    assert exchange(server, server.head(name)).status == 200
    assert server.noted(name) == b""
    assert server.has(name, "whole")


@pytest.mark.parametrize("leave", [socket.socket.close, shut], ids=["close", "shut"])
@pytest.mark.parametrize(
    ("sent", "came"),
    [
        (chunks(CONTENT, 70_000), CONTENT),
        (chunks(CONTENT, 70_000)[:-2], CONTENT),
        (chunks(CONTENT, 70_000) + b"4", CONTENT),
        (chunks(CONTENT, 70_000) + b"0", CONTENT),
        (chunks(CONTENT, 70_000) + b"0\r\n", CONTENT),
        (chunks(CONTENT, 70_000) + b"0\r\n\r", CONTENT),
        (chunks(CONTENT, 70_000) + b"5\r\nabc", CONTENT + b"abc"),
        (b"4\r\nabc", b"abc"),
        (b"", b""),
    ],
    ids=["chunk", "end", "size", "zero", "line", "return", "within", "short", "nothing"],
)
def test_a_body_in_chunks_that_is_cut_short_is_never_whole(
    server: Parts, name: str, sent: bytes, came: bytes, leave: Callable[[socket.socket], object]
) -> None:
    with connect(server) as connection:
        connection.sendall(server.head(name, CHUNKED) + sent)
        leave(connection)
        wait_until(lambda: server.has(name, "closed"))
    assert server.noted(name) == came
    assert server.has(name, "kept")
    assert not server.has(name, "whole")


@pytest.mark.parametrize("sent", [chunks(CONTENT, 70_000), b"30D41\r\n" + CONTENT], ids=len)
def test_what_came_before_a_connection_was_reset_is_kept(
    server: Parts, name: str, sent: bytes
) -> None:
    with connect(server) as connection:
        connection.sendall(server.head(name, CHUNKED) + sent)
        # A reset drops what the other side has not read yet.
        wait_until(lambda: server.noted(name) == CONTENT)
        # No farewell: what a phone does that leaves its network.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wait_until(lambda: server.has(name, "closed"))
    assert server.has(name, "kept")
    assert not server.has(name, "whole")


@pytest.mark.parametrize("came", [0, 3, 60_000, 65_536, 199_999])
@pytest.mark.parametrize("length", [65_536, 200_000])
def test_what_came_of_a_body_that_is_cut_short_is_kept(
    server: Parts, name: str, came: int, length: int
) -> None:
    came = min(came, length - 1)
    sent = server.head(name, f"Content-Length: {length}") + CONTENT[:came]
    assert_refused(exchange(server, sent, ends=True), 400, "body-length-mismatch")
    wait_until(lambda: server.has(name, "closed"))
    assert server.noted(name) == CONTENT[:came]
    assert server.has(name, "kept")
    assert not server.has(name, "whole")


@pytest.mark.slow
@pytest.mark.parametrize("field", [CHUNKED, "Content-Length: 50000"], ids=["chunked", "measured"])
def test_a_connection_that_hangs_holds_nothing_back_and_is_sent_away(
    server: Parts, name: str, field: str
) -> None:
    with connect(server) as connection:
        started = time.monotonic()
        part = b"3\r\nabc\r\n" if field == CHUNKED else b"abc"
        connection.sendall(server.head(name, field) + part)
        wait_until(lambda: server.noted(name) == b"abc", DEADLINE_SECONDS - 1)
        connection.sendall(part)
        wait_until(lambda: server.noted(name) == b"abcabc")
        answer = answer_of(connection)
    assert time.monotonic() - started >= DEADLINE_SECONDS - 0.1
    assert_refused(answer, 409, "upload-interrupted")
    assert server.has(name, "kept")
    assert server.has(name, "closed")


@pytest.mark.parametrize("ends", [b"", b"0\r\n\r\n"], ids=["endless", "ended"])
def test_a_body_in_chunks_that_grows_too_long_is_cut_off(
    server: Parts, name: str, ends: bytes
) -> None:
    sent = server.head(name, CHUNKED) + chunks(bytes(MAX_BYTES + 1), 1_000_000) + ends
    assert_refused(exchange(server, sent), 413, "request-too-large")
    assert len(server.noted(name)) <= MAX_BYTES
    assert not server.has(name, "whole")
    assert not server.has(name, "kept")


def test_a_body_that_announces_too_much_is_refused_unread(server: Parts, name: str) -> None:
    sent = server.head(name, f"Content-Length: {MAX_BYTES + 1}")
    assert_refused(exchange(server, sent), 413, "request-too-large")
    assert not server.has(name, "closed")


@pytest.mark.parametrize("field", [CHUNKED, "Content-Length: 50000"], ids=["chunked", "measured"])
def test_an_error_of_the_receiver_is_answered_while_the_client_still_sends(
    server: Parts, name: str, field: str
) -> None:
    name = f"full{name}"
    with connect(server) as connection:
        started = time.monotonic()
        part = b"3\r\nabc\r\n" if field == CHUNKED else b"abc"
        connection.sendall(server.head(name, field) + part)
        answer = answer_of(connection)
    assert answer.status == 507
    assert time.monotonic() - started < DEADLINE_SECONDS
    assert not server.has(name, "kept")
    assert server.has(name, "closed")


def test_chunks_are_believed_rather_than_a_length(server: Parts, name: str) -> None:
    sent = server.head(name, CHUNKED, "Content-Length: 4") + b"3\r\nabc\r\n0\r\n\r\nGET"
    answer = exchange(server, sent)
    assert answer.status == 200
    assert server.noted(name) == b"abc"
    # What follows on this connection must not be taken for a request (RFC 9112, section 6.1).
    assert "connection: close" in answer.fields


def test_a_compressed_body_is_refused_unread(server: Parts, name: str) -> None:
    sent = server.head(name, CHUNKED, "Content-Encoding: gzip") + b"3\r\nabc\r\n0\r\n\r\n"
    assert_refused(exchange(server, sent), 415, "unsupported-content-encoding")
    assert not server.has(name, "closed")


def test_whoever_asks_first_sends_chunks_when_told(server: Parts, name: str) -> None:
    with connect(server) as connection:
        connection.sendall(server.head(name, CHUNKED, "Expect: 100-continue"))
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"3\r\nabc\r\n0\r\n\r\n")
        assert answer_of(connection).status == 200
    assert server.noted(name) == b"abc"
