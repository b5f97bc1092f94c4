"""Bodies that are not what they say, on the wire of the real server."""

import json
import os
import socket
import struct
import time
from pathlib import Path

import pytest

from tests.faults.wire import Raw, answer_of, connect, exchange, head_of
from tests.images import noise, picture
from tests.server import Server

pytestmark = [pytest.mark.server, pytest.mark.default_stack("says nothing about either engine")]

POST = "POST /v1/uploads"
IMAGE = "Content-Type: image/png"


def assert_refused(answer: Raw, status: int, code: str) -> None:
    assert answer.status == status, answer
    (error,) = json.loads(answer.body)["errors"]
    assert error["code"] == code


def count(server: Server) -> int:
    status, body = server.get("/v1/uploads?page[size]=1")
    assert status == 200
    found: int = json.loads(body)["meta"]["count"]
    return found


def open_files(server: Server) -> int:
    """Return how many files are open, but for the database's, whose connections stay open."""
    descriptors = [each for pid in server.processes() for each in Path(f"/proc/{pid}/fd").iterdir()]
    return sum("uploads.db" not in os.path.realpath(each) for each in descriptors)


def test_a_shorter_one_than_announced_is_refused_and_nothing_is_kept(server: Server) -> None:
    before = count(server)
    content = picture()
    sent = head_of(server, POST, IMAGE, f"Content-Length: {len(content) + 1}") + content
    assert_refused(exchange(server, sent, ends=True), 400, "body-length-mismatch")
    assert count(server) == before


def test_a_longer_one_is_read_as_far_as_announced(server: Server) -> None:
    content = picture()
    sent = head_of(server, POST, IMAGE, f"Content-Length: {len(content)}") + content + b"GARBAGE"
    answer = exchange(server, sent)
    assert answer.status == 201
    assert json.loads(answer.body)["data"]["attributes"]["size"] <= len(content)


@pytest.mark.parametrize(
    "chunks",
    [b"2\r\n{}\r\n0\r\n\r\n", b"ffffffffffffffff\r\nabc", b"2\r\n{}\r\n" * 50_000],
    ids=["whole", "huge", "endless"],
)
def test_one_in_chunks_is_refused_unread(server: Server, chunks: bytes) -> None:
    sent = head_of(server, POST, IMAGE, "Transfer-Encoding: chunked") + chunks
    assert_refused(exchange(server, sent), 411, "length-required")


def test_two_ways_to_tell_the_length_are_one_too_many(server: Server) -> None:
    fields = (IMAGE, "Content-Length: 2", "Transfer-Encoding: chunked")
    sent = head_of(server, POST, *fields) + b"2\r\n{}\r\n0\r\n\r\n"
    answer = exchange(server, sent)
    assert_refused(answer, 411, "length-required")
    # What follows on this connection must not be taken for a request (RFC 9112, section 6.1).
    assert "connection: close" in answer.fields


@pytest.mark.parametrize(
    "fields",
    [
        ("Content-Length: 3", "Content-Length: 4"),
        ("Content-Length: -1",),
        ("Content-Length: +3",),
        ("Content-Length: 0x3",),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding : chunked",),
    ],
    ids=" ".join,
)
def test_a_length_that_means_two_things_ends_the_connection(
    server: Server, fields: tuple[str, ...]
) -> None:
    sent = head_of(server, POST, IMAGE, *fields) + b"abc"
    answer = exchange(server, sent)
    assert answer.status == 400
    assert "connection: close" in answer.fields


def test_a_compressed_one_is_refused_before_it_grows(server: Server) -> None:
    fields = (IMAGE, "Content-Encoding: gzip", "Content-Length: 4")
    sent = head_of(server, POST, *fields) + b"\x1f\x8b\x08\0"
    assert_refused(exchange(server, sent), 415, "unsupported-content-encoding")


def test_ten_gigabytes_are_refused_by_their_announcement(server: Server) -> None:
    sent = head_of(server, POST, IMAGE, f"Content-Length: {10 * 1024**3}")
    started = time.monotonic()
    assert_refused(exchange(server, sent), 413, "request-too-large")
    assert time.monotonic() - started < 5


def test_a_strangers_file_is_refused_unread(server: Server) -> None:
    sent = f"{POST} HTTP/1.1\r\nHost: x\r\n{IMAGE}\r\nContent-Length: 3000000\r\n\r\n"
    assert_refused(exchange(server, sent.encode()), 401, "unauthenticated")


def test_whoever_asks_first_is_told_to_go_on_or_not_to_begin(server: Server) -> None:
    content = picture()
    fields = (IMAGE, "Expect: 100-continue")
    with connect(server) as connection:
        connection.sendall(head_of(server, POST, *fields, f"Content-Length: {len(content)}"))
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(content)
        assert answer_of(connection).status == 201
    sent = head_of(server, POST, *fields, f"Content-Length: {10 * 1024**3}")
    assert exchange(server, sent).status == 413


@pytest.mark.parametrize(
    ("line", "fields", "status"),
    [
        ("GET /v1", [f"X-{number}: x" for number in range(5000)], 431),
        ("GET /v1", [f"X: {'x' * 1024**2}"], 431),
        (f"GET /{'x' * 70_000}", [], 414),
        ("GET", [], 400),
        ("CONNECT uploads.test:80", [], 404),
    ],
    ids=["many fields", "a long field", "a long address", "no address", "a tunnel"],
)
def test_an_odd_head_is_refused(server: Server, line: str, fields: list[str], status: int) -> None:
    assert exchange(server, head_of(server, line, *fields)).status == status


def test_a_field_with_underscores_is_not_taken_for_another(server: Server) -> None:
    """`Content_Length` and `Authorization_` are nobody's."""
    plain = f"GET /v1/uploads HTTP/1.1\r\nHost: x\r\nHTTP_AUTHORIZATION: Bearer {server.token}"
    assert exchange(server, f"{plain}\r\n\r\n".encode()).status == 401


def test_a_file_longer_than_a_connection_holds_comes_whole(server: Server) -> None:
    content = noise((1600, 1600), quality=95)
    status, body = server.request("POST", "/v1/uploads", content, "image/jpeg")
    assert status == 201
    url = json.loads(body)["data"]["attributes"]["url"]
    assert server.get(url) == (200, content)


def test_whoever_goes_away_sixty_times_leaves_nothing_behind(server: Server) -> None:
    # Decoders are processes with files of their own: they are there from here on.
    assert server.request("POST", "/v1/uploads", picture(), "image/png")[0] == 201
    uploads = count(server)
    # A leak of one file for each connection would be 60.
    most = open_files(server) + 16
    for number in range(60):
        with connect(server) as connection:
            announced = 3 * 1024**2
            connection.sendall(head_of(server, POST, IMAGE, f"Content-Length: {announced}"))
            connection.sendall(picture() + b"x" * (number % 30 * 65536))
            # A reset and no farewell: what a phone does that leaves its network.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    for _ in range(100):
        if open_files(server) <= most:
            break
        time.sleep(0.1)
    assert open_files(server) <= most
    assert not list((server.storage / "temporary").iterdir())
    assert count(server) == uploads
