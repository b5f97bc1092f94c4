"""Prepare the requests that load granian's static file service."""

from http import HTTPStatus

from bench.answer import WrongAnswer
from bench.ask import ask
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
        """Wait for the first answer; there is no file yet."""
        self._server.wait_for(lambda: self._get(HTTPStatus.NOT_FOUND))

    def count(self) -> int:
        """Return 0: there are no uploads here."""
        return 0

    def exchanges(self, files: dict[str, bytes]) -> dict[str, Exchange]:
        """Store the file of 20 KB, check it, and return its exchange."""
        file = files[SIZE]
        (self._server.log.parent / "files/photo.jpg").write_bytes(file)
        if self._get(HTTPStatus.OK) != file:
            raise WrongAnswer("the bytes are not those of the file")
        return {f"bytes, {SIZE}": Exchange(message(self._server, "GET", _PATH), 200, len(file))}

    def _get(self, status: int) -> bytes:
        return ask(self._server, "GET", _PATH, status)
