"""Stand before a real S3 server, and fail on demand."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

Fault = Literal["", "gone", "silent", "slow", "500", "cut", "lies"]
# Longer than anybody waits.
_SILENCE_SECONDS = 60.0
_SLOW_SECONDS = 0.5


class Proxy(ThreadingHTTPServer):
    """A proxy; signatures stay valid, because clients sign its own name.

    Args:
        endpoint: of the server behind.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, endpoint: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = urlsplit(endpoint).netloc
        self.endpoint = f"http://127.0.0.1:{self.server_port}"
        self.fault: Fault = ""
        self.asked = 0
        self.over = threading.Event()

    @contextmanager
    def behaving(self, fault: Fault) -> Iterator[None]:
        """Apply a fault to every request meanwhile."""
        self.fault, self.asked = fault, 0
        self.over.clear()
        try:
            yield
        finally:
            self.fault = ""
            self.over.set()

    def handle_error(self, *_: object) -> None:
        """Print nothing about connections that were cut."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def _pass_on(self) -> None:
        fault = self.server.fault
        self.server.asked += 1
        if fault == "gone":
            self._hang_up()
            return
        if fault == "silent":
            self.server.over.wait(_SILENCE_SECONDS)
            self._hang_up()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if fault == "500":
            self._answer(500, {}, b"")
            return
        if fault == "cut" and body:
            self._hang_up()
            return
        if fault == "slow":
            time.sleep(_SLOW_SECONDS)
        self._answer(*self._ask(body), fault)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass_on  # noqa: N815 - the library's names

    def _ask(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = HTTPConnection(self.server.behind, timeout=30)
        try:
            connection.putrequest(
                self.command, self.path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in self.headers.items():
                if name.lower() not in {"expect", "connection"}:
                    connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def _answer(self, status: int, headers: dict[str, str], body: bytes, fault: Fault = "") -> None:
        self.send_response_only(status)
        length = headers.get("Content-Length", str(len(body)))
        for name, value in headers.items():
            if name.lower() == "etag" and fault == "lies":
                self.send_header("ETag", f'"{"0" * 32}"')
            elif name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", length)
        self.end_headers()
        if self.command == "HEAD":
            return
        self.wfile.write(body[: len(body) // 2] if fault == "cut" else body)
        if fault == "cut":
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """Print nothing."""
