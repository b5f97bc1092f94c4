"""Start a real nginx in front of the real server process."""

import os
import signal
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.machine import nginx
from tests.ports import free_port, listens_soon
from tests.processes import start


@dataclass
class Answer:
    """What came back.

    Args:
        response: its status and headers.
        body: whole.
    """

    response: HTTPResponse
    body: bytes

    def __getitem__(self, header: str) -> str | None:
        return self.response.getheader(header)

    @property
    def status(self) -> int:
        return self.response.status


class Nginx:
    """nginx on a free loopback port.

    Args:
        folder: for what it writes.
        servers: the part of its configuration that says what it serves; `{address}` in it is where
            it listens.
        port: that it listens on; a free one by default.
    """

    def __init__(self, folder: Path, servers: str, port: int | None = None) -> None:
        self.port = port or free_port()
        self.address = f"127.0.0.1:{self.port}"
        places = "".join(
            f"{name}_temp_path {folder}/{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        configuration = folder / "nginx.conf"
        configuration.write_text(
            f"{'user root;' if os.getuid() == 0 else ''}\n"
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
            f"events {{}}\nhttp {{ access_log off;\n{places}\n"
            f"{servers.replace('{address}', self.address)}\n}}\n"
        )
        command = [nginx(), "-p", str(folder), "-c", str(configuration)]
        self._process = start([*command, "-e", str(folder / "error.log")])
        if not listens_soon(self.port):
            self.stop()
            pytest.fail((folder / "error.log").read_text())

    def ask(self, method: str, url: str, body: bytes | None = None, **headers: str) -> Answer:
        """Send a request without TLS; underscores in the names of headers are dashes."""
        connection = HTTPConnection(self.address, timeout=30)
        try:
            target = urlsplit(url)._replace(scheme="", netloc="").geturl()
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, target, body, named)
            response = connection.getresponse()
            return Answer(response, response.read())
        finally:
            connection.close()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)
