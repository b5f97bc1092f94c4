"""The real server process, over real sockets."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.documents import COLLECTION, JSON_API, data_uri, document
from tests.images import picture
from tests.server import MANAGE, manage

pytestmark = [
    pytest.mark.server,
    pytest.mark.default_stack("test_postgres.py starts the process on PostgreSQL"),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """`manage.py serve` in a process group of its own."""

    def __init__(self, data_dir: Path) -> None:
        self.port = free_port()
        self.log = data_dir.with_suffix(".log")
        with self.log.open("a") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, MANAGE, "serve", "--port", str(self.port)],
                env={**os.environ, "UPLOADS_DATA_DIR": str(data_dir)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait()

    def _wait(self) -> None:
        for _ in range(300):
            try:
                if self.request("GET", "/v1")[0] == 200:
                    return
            except OSError:
                time.sleep(0.1)
        pytest.fail(self.log.read_text())

    @property
    def authorization(self) -> dict[str, str]:
        """The header of the first admin, as it was printed on the first start."""
        found = re.search(r"^  token +(\S+)$", self.log.read_text(), re.MULTILINE)
        return {"Authorization": f"Bearer {found[1]}"} if found else {}

    def request(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = json.dumps(body).encode() if body is not None else None
        headers = {"Content-Type": JSON_API, **self.authorization}
        connection.request(method, path, sent, headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response.status, json.loads(content) if content else None

    def raw(self, head: str, body: bytes = b"", *, end: bool = False) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            head += f"\r\nAuthorization: {self.authorization['Authorization']}"
            connection.sendall(f"{head}\r\nHost: x\r\nConnection: close\r\n\r\n".encode() + body)
            if end:
                connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def stop(self, number: int = signal.SIGTERM) -> int:
        os.killpg(self.process.pid, number)
        return self.process.wait(30)


@pytest.fixture
def server(data_dir: Path) -> Iterator[Server]:
    running = Server(data_dir)
    yield running
    if running.process.poll() is None:
        running.stop()


def test_the_printed_curl_line_works_and_its_url_shows_the_picture(server: Server) -> None:
    (line,) = re.findall("^curl .*$", server.log.read_text(), re.MULTILINE)
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
    answer = server.raw(f"{POST}\r\n{head}", body, end=status == 400)
    assert answer.split(b" ", 2)[1] == str(status).encode(), answer
    assert server.request("GET", COLLECTION)[1]["meta"]["count"] == 0


def test_head_has_a_length_and_no_body(server: Server) -> None:
    status, body = server.request("POST", COLLECTION, document({"data": data_uri(picture())}))
    assert status == 201
    key = body["data"]["attributes"]["url"].rpartition("/")[2]
    answer = server.raw(f"HEAD /media/{key} HTTP/1.1")
    head, _, rest = answer.partition(b"\r\n\r\n")
    assert rest == b""
    assert f"content-length: {len(picture())}".encode() in head.lower()


def test_patches_from_several_processes_at_once_all_succeed(server: Server) -> None:
    _, body = server.request("POST", COLLECTION, document({"data": data_uri(picture())}))
    id_ = body["data"]["id"]

    def change(number: int) -> int:
        sent = document({"alt": f"text {number}"}, id=id_)
        return server.request("PATCH", f"{COLLECTION}/{id_}", sent)[0]

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(change, range(200))) == {200}


def test_what_was_acknowledged_survives_a_kill(data_dir: Path) -> None:
    server = Server(data_dir)
    sent = document({"data": data_uri(picture())})
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: server.request("POST", COLLECTION, sent), range(40)))
    server.stop(signal.SIGKILL)
    again = Server(data_dir)
    try:
        for status, body in answers:
            assert status == 201
            path = f"{COLLECTION}/{body['data']['id']}"
            # Only the port, and so every address, is another.
            moved = json.dumps(body["data"]).replace(f":{server.port}/", f":{again.port}/")
            assert again.request("GET", path)[1]["data"] == json.loads(moved)
    finally:
        again.stop()
    assert manage(data_dir, "verify").returncode == 0


def test_it_stops_when_told(server: Server) -> None:
    os.kill(server.process.pid, signal.SIGTERM)
    assert server.process.wait(30) == 0


def test_the_first_admin_is_made_and_shown_once(data_dir: Path) -> None:
    first = Server(data_dir)
    lines = re.findall(r"^  (email|password|token) +(\S+)$", first.log.read_text(), re.MULTILINE)
    facts = dict(lines)
    credentials = {"email": facts["email"], "password": facts["password"]}
    assert first.request("POST", "/auth/session", credentials)[0] == 200
    assert first.request("GET", "/v1/users")[1]["meta"]["count"] == 1
    first.stop()
    shown = len(first.log.read_text())
    again = Server(data_dir)
    assert again.request("GET", "/v1/users")[1]["meta"]["count"] == 1
    again.stop()
    printed = again.log.read_text()[shown:]
    assert "Bearer $TOKEN" in printed
    assert not any(secret in printed for secret in (facts["password"], facts["token"]))


def test_it_says_that_anybody_may_upload(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPLOADS_ANONYMOUS_UPLOADS", "true")
    server = Server(data_dir)
    server.stop()
    assert "UPLOADS_ANONYMOUS_UPLOADS is on" in server.log.read_text()


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
