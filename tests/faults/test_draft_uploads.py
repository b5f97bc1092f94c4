"""Bodies of the draft of the IETF that break off, hang, or are not as they said, on the wire."""

import json
import socket
from collections.abc import Iterator

import pytest

from tests.documents import COLLECTION as UPLOADS
from tests.documents import path_of
from tests.faults.test_parts import assert_refused, chunks
from tests.faults.wire import Raw, answer_of, connect, exchange, head_of
from tests.images import noise
from tests.resumable import COLLECTION
from tests.server import Server

pytestmark = [pytest.mark.server, pytest.mark.default_stack("says nothing about either engine")]

FILE = noise((300, 200))
HALF = len(FILE) // 2
END = b"0\r\n\r\n"
CHUNKED = "Transfer-Encoding: chunked"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("server"), workers="1", resumable_draft="true")
    yield running
    running.stop()


def begun(server: Server, *, length: int | None = None) -> str:
    """Begin an upload, and return its path."""
    fields = {"Upload-Complete": "?0"} | ({} if length is None else {"Upload-Length": str(length)})
    answer = server.exchange("POST", COLLECTION, headers=fields)
    assert answer.status == 201
    return path_of(answer.headers["location"])


def part_head(server: Server, path: str, offset: int, complete: str, *fields: str) -> bytes:
    return head_of(
        server,
        f"PATCH {path}",
        "Content-Type: application/partial-upload",
        f"Upload-Offset: {offset}",
        f"Upload-Complete: {complete}",
        *fields,
    )


def append(server: Server, path: str, offset: int, content: bytes, complete: str) -> Raw:
    length = f"Content-Length: {len(content)}"
    return exchange(server, part_head(server, path, offset, complete, length) + content)


def begin_to_send(server: Server, connection: socket.socket, path: str) -> None:
    """Send a first half of the file as all that is missing, once the server wants it."""
    fields = (f"Content-Length: {len(FILE)}", "Expect: 100-continue")
    connection.sendall(part_head(server, path, 0, "?1", *fields))
    assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
    connection.sendall(FILE[:HALF])


def state(server: Server, path: str) -> tuple[int, str]:
    """Return the offset, and whether the upload is complete."""
    answer = server.exchange("HEAD", path)
    assert answer.status == 204
    return int(answer.headers["upload-offset"]), answer.headers["upload-complete"]


def assert_is_file(server: Server, answer: Raw) -> None:
    assert answer.status == 201, answer
    assert "upload-complete: ?1" in answer.fields
    attributes = json.loads(answer.body)["data"]["attributes"]
    assert server.get(attributes["url"])[1] == FILE


def test_chunks_are_the_last_part_if_they_say_so(server: Server) -> None:
    path = begun(server)
    sent = part_head(server, path, 0, "?0", CHUNKED) + chunks(FILE[:HALF], 1000) + END
    assert exchange(server, sent).status == 204
    sent = part_head(server, path, HALF, "?1", CHUNKED) + chunks(FILE[HALF:], 1000) + END
    assert_is_file(server, exchange(server, sent))


@pytest.mark.parametrize("length", [None, len(FILE)])
@pytest.mark.parametrize("framing", [CHUNKED, f"Content-Length: {len(FILE)}"])
def test_a_last_part_that_breaks_off_completes_nothing(
    server: Server, length: int | None, framing: str
) -> None:
    path = begun(server, length=length)
    first = FILE[:HALF]
    body = chunks(first, 1000) if framing == CHUNKED else first
    exchange(server, part_head(server, path, 0, "?1", framing) + body, ends=True)
    assert state(server, path) == (HALF, "?0")
    assert_is_file(server, append(server, path, HALF, FILE[HALF:], "?1"))


def test_more_chunks_than_the_length_end_the_upload(server: Server) -> None:
    path = begun(server, length=len(FILE))
    sent = part_head(server, path, 0, "?0", CHUNKED) + chunks(FILE + b"more", 1000) + END
    assert_refused(exchange(server, sent), 400, "inconsistent-length")
    assert server.exchange("HEAD", path).status == 404
    assert append(server, path, 0, FILE, "?1").status == 404


def test_fewer_chunks_than_the_length_are_not_the_whole_file(server: Server) -> None:
    path = begun(server, length=len(FILE))
    sent = part_head(server, path, 0, "?1", CHUNKED) + chunks(FILE[:HALF], 1000) + END
    answer = exchange(server, sent)
    assert_refused(answer, 400, "inconsistent-length")
    assert "upload-complete: ?0" in answer.fields
    assert state(server, path) == (HALF, "?0")
    assert_is_file(server, append(server, path, HALF, FILE[HALF:], "?1"))


def test_a_client_that_comes_back_goes_on_while_its_old_connection_hangs(server: Server) -> None:
    path = begun(server)
    with connect(server) as hanging:
        begin_to_send(server, hanging, path)
        offset, is_complete = state(server, path)
        assert is_complete == "?0"
        answer = append(server, path, offset, FILE[offset:], "?1")
        hanging.sendall(FILE[HALF:])
        assert answer_of(hanging).status in {0, 404, 409}
    assert_is_file(server, answer)


def test_a_cancelled_upload_takes_nothing_from_a_connection_that_hangs(server: Server) -> None:
    path = begun(server)
    with connect(server) as hanging:
        begin_to_send(server, hanging, path)
        assert server.exchange("DELETE", path).status == 204
        hanging.sendall(FILE[HALF:])
        assert answer_of(hanging).status in {0, 404, 409}
    assert server.exchange("HEAD", path).status == 404


def test_no_interim_answer_is_sent_and_a_first_request_that_breaks_off_leaves_nothing(
    server: Server,
) -> None:
    fields = ("Content-Type: image/jpeg", "Upload-Complete: ?0", "Upload-Draft-Interop-Version: 8")
    whole = head_of(server, f"POST {UPLOADS}", *fields, f"Content-Length: {HALF}") + FILE[:HALF]
    answer = exchange(server, whole)
    assert answer.status == 201
    assert "upload-offset" in answer.fields
    broken = head_of(server, f"POST {UPLOADS}", *fields, f"Content-Length: {len(FILE)}")
    answer = exchange(server, broken + FILE[:HALF], ends=True)
    assert answer.status in {0, 400}
    assert "location" not in answer.fields
