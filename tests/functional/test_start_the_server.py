"""The real server process, over real sockets."""

import json
import os
import re
import shlex
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.documents import COLLECTION, JSON_API, data_uri, document
from tests.images import picture
from tests.ports import free_port
from tests.processes import start
from tests.server import MANAGE, Server, manage

pytestmark = [
    pytest.mark.server,
    pytest.mark.default_stack("test_postgres.py starts the process on PostgreSQL"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("server"))
    yield running
    running.stop()


def ask(server: Server, method: str, path: str, body: object = None) -> tuple[int, Any]:
    """Send an admin's document, and return the status and the document that answer it."""
    sent = None if body is None else json.dumps(body).encode()
    status, answer = server.request(method, path, sent, JSON_API)
    return status, json.loads(answer) if answer else None


def send_raw(server: Server, head: str, body: bytes = b"", *, end: bool = False) -> bytes:
    """Send these bytes of an admin's request, and return those of the answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        head += f"\r\nAuthorization: Bearer {server.token}"
        connection.sendall(f"{head}\r\nHost: x\r\nConnection: close\r\n\r\n".encode() + body)
        if end:
            connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def count(server: Server, path: str = COLLECTION) -> int:
    found: int = ask(server, "GET", path)[1]["meta"]["count"]
    return found


def test_the_printed_curl_line_works_and_its_url_shows_the_picture(server: Server) -> None:
    (line,) = [each for each in server.log_lines() if each.startswith("curl ")]
    _, url, *headers, _, body = shlex.split(line)
    named = dict(each.split(": ", 1) for each in headers if ": " in each)
    request = urllib.request.Request(url, body.encode(), named)  # noqa: S310 - http
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - http
        assert response.status == 201
        url = json.load(response)["data"]["attributes"]["url"]
    assert url.startswith(f"http://127.0.0.1:{server.port}/media/")
    with urllib.request.urlopen(url, timeout=30) as response:  # noqa: S310 - http
        assert response.headers["Content-Type"] == "image/png"
        assert response.read().startswith(b"\x89PNG")


POST = f"POST {COLLECTION} HTTP/1.1\r\nContent-Type: {JSON_API}"


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        ("Transfer-Encoding: chunked", b"2\r\n{}\r\n0\r\n\r\n", 411),
        ("Content-Length: 50", b'{"data":{', 400),
        ("Content-Length: 5", b'{"data":{}}', 400),
        ("Content-Length: 2\r\nContent-Encoding: gzip", b"\x1f\x8b", 415),
        ("Content-Length: 99999999999", b"", 413),
    ],
    ids=["chunked", "cut", "too long", "gzip", "huge"],
)
def test_a_bad_body_on_the_wire(server: Server, head: str, body: bytes, status: int) -> None:
    before = count(server)
    answer = send_raw(server, f"{POST}\r\n{head}", body, end=status == 400)
    assert answer.split(b" ", 2)[1] == str(status).encode(), answer
    assert count(server) == before


def test_head_has_a_length_and_no_body(server: Server) -> None:
    status, body = ask(server, "POST", COLLECTION, document({"data": data_uri(picture())}))
    assert status == 201
    key = body["data"]["attributes"]["url"].rpartition("/")[2]
    answer = send_raw(server, f"HEAD /media/{key} HTTP/1.1")
    head, _, rest = answer.partition(b"\r\n\r\n")
    assert rest == b""
    assert f"content-length: {len(picture())}".encode() in head.lower()


def test_patches_from_several_processes_at_once_all_succeed(server: Server) -> None:
    _, body = ask(server, "POST", COLLECTION, document({"data": data_uri(picture())}))
    id_ = body["data"]["id"]

    def change(number: int) -> int:
        sent = document({"alt": f"text {number}"}, id=id_)
        return ask(server, "PATCH", f"{COLLECTION}/{id_}", sent)[0]

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(change, range(200))) == {200}


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    server = Server(tmp_path)
    sent, token = document({"data": data_uri(picture())}), server.token
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ask(server, "POST", COLLECTION, sent), range(40)))
    server.kill()
    again = Server(tmp_path)
    again.token = token
    try:
        for status, body in answers:
            assert status == 201
            path = f"{COLLECTION}/{body['data']['id']}"
            # Only the port, and so every address, is another.
            moved = json.dumps(body["data"]).replace(f":{server.port}/", f":{again.port}/")
            assert ask(again, "GET", path)[1]["data"] == json.loads(moved)
    finally:
        again.stop()
    assert manage(tmp_path / "data", "verify").returncode == 0


@pytest.mark.parametrize(
    ("workers", "number", "every_process"),
    [
        ("1", signal.SIGTERM, False),
        ("2", signal.SIGTERM, True),
        ("2", signal.SIGINT, False),
        ("2", signal.SIGINT, True),
    ],
)
def test_a_stop_right_after_the_first_answer_ends_it_soon(
    tmp_path: Path, workers: str, number: int, *, every_process: bool
) -> None:
    server = Server(tmp_path, workers=workers)
    begun = time.monotonic()
    server.signal(number, every_process=every_process)
    assert server.ended() == 0
    assert time.monotonic() - begun < 8


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_before_the_first_answer_ends_it_soon(tmp_path: Path, number: int) -> None:
    environment = {**os.environ, "UPLOADS_DATA_DIR": str(tmp_path)}
    for number_of_tenths in (2, 6, 10):
        with (tmp_path / "log").open("w") as log:
            command = [sys.executable, str(MANAGE), "serve", "--port", str(free_port())]
            process = start(command, env=environment, stdout=log, stderr=log)
        time.sleep(number_of_tenths / 10)
        begun = time.monotonic()
        process.send_signal(number)
        # A start on a fast machine may be over.
        assert process.wait(30) in {-number, 0}
        assert time.monotonic() - begun < 8
        assert "Traceback" not in (tmp_path / "log").read_text()


def test_the_first_admin_is_made_and_shown_once(tmp_path: Path) -> None:
    first = Server(tmp_path)
    lines = "\n".join(first.log_lines())
    facts = dict(re.findall(r"^  (email|password|token) +(\S+)$", lines, re.MULTILINE))
    credentials = {"email": facts["email"], "password": facts["password"]}
    assert ask(first, "POST", "/auth/session", credentials)[0] == 200
    assert count(first, "/v1/users") == 1
    first.stop()
    again = Server(tmp_path)
    again.token = first.token
    assert count(again, "/v1/users") == 1
    again.stop()
    printed = "\n".join(again.log_lines())
    assert "Bearer $TOKEN" in printed
    assert not any(secret in printed for secret in (facts["password"], facts["token"]))


def test_it_says_that_anybody_may_upload(tmp_path: Path) -> None:
    server = Server(tmp_path, anonymous_uploads="true")
    server.stop()
    assert "UPLOADS_ANONYMOUS_UPLOADS is on" in "\n".join(server.log_lines())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("UPLOADS_MAX_BYTES", "many"),
        ("UPLOADS_PUBLIC_URL", "ftp://x"),
        ("UPLOADS_STORAGE_URL", "tape://x"),
        ("UPLOADS_MEDIA_TYPES", "image/tiff"),
    ],
)
def test_a_bad_setting_is_one_line(data_dir: Path, key: str, value: str) -> None:
    result = manage(data_dir, "serve", **{key: value, "UPLOADS_SECRET_KEY": "s" * 40})
    assert result.returncode == 2
    assert key in result.stderr
    assert len(result.stderr.splitlines()) == 1
