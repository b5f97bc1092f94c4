"""Prepare the requests that load granian's static file service."""

import http.client

from bench.answer import WrongAnswer
from bench.process import Server
from bench.workload import Exchange, message

SIZE = "20 KB"
_PATH = "/media/photo.jpg"


class StaticWorkload:
    """The request of one file from a static server.

    Args:
        server: `servers.static`, started.
    """

    def __init__(self, server: Server) -> None:
        self._server = server

    def wait(self) -> None:
        """Wait for the first answer."""
        self._server.wait_for(self._get)

    def count(self) -> int:
        """Return 0: there are no uploads here."""
        return 0

    def exchanges(self, files: dict[str, bytes]) -> dict[str, Exchange]:
        """Store the file of 20 KB, check it, and return its exchange."""
        file = files[SIZE]
        (self._server.log.parent / "files/photo.jpg").write_bytes(file)
        status, body = self._get()
        if status != http.HTTPStatus.OK or body != file:
            raise WrongAnswer(f"the static file service: {status}")
        return {f"bytes, {SIZE}": Exchange(message(self._server, "GET", _PATH), 200, len(file))}

    def _get(self) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=10)
        try:
            connection.request("GET", _PATH)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()
