"""Who asks granian's static file service: it has files, and nothing else."""

import http.client

from bench.answer import WrongAnswer
from bench.process import Server
from bench.workload import Exchange, message

SIZE = "20 KB"
_PATH = "/media/photo.jpg"


class StaticWorkload:
    """Puts a file where the server looks for it, and asks for it.

    Args:
        server: `servers.static`, which has been started.
    """

    def __init__(self, server: Server) -> None:
        self._server = server

    def wait(self) -> None:
        """Wait for the first answer."""
        self._server.wait_for(self._get)

    def count(self) -> int:
        """There are no uploads here."""
        return 0

    def exchanges(self, files: dict[str, bytes]) -> dict[str, Exchange]:
        """The file of 20 KB, looked at once."""
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
