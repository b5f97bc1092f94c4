"""One request at a time, timed: for the rows where a single person waits."""

import http.client
import random
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bench.answer import WrongAnswer
from bench.client import MEDIA_TYPE, document
from bench.process import Server

_TIMEOUT_SECONDS = 120
_BOUNDARY = "the-end-of-a-part"
Body = bytes | Iterable[bytes]


class Asker:
    """Speaks with one server over a connection that is kept.

    Args:
        server: has been started, and answers.
    """

    def __init__(self, server: Server) -> None:
        self._token = server.token()
        self._connection = http.client.HTTPConnection(
            "127.0.0.1", server.port, timeout=_TIMEOUT_SECONDS
        )

    def get(self, address: str, headers: Mapping[str, str] = MappingProxyType({})) -> bytes:
        """The body of an answer 200.

        Args:
            address: with or without scheme and host.
            headers: beyond those that say who asks.

        Raises:
            WrongAnswer: it is another one.
        """
        parts = urlsplit(address)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return self._ask("GET", path, None, {"Accept": MEDIA_TYPE, **headers}, 200)

    def upload(self, file: bytes) -> dict[str, Any]:
        """Send a JPEG as a data URI in a document; the resource.

        Raises:
            WrongAnswer: it is not taken.
        """
        return self.post(document(file))

    def post(self, body: bytes) -> dict[str, Any]:
        """Send a document with an upload; the resource.

        Raises:
            WrongAnswer: it is not taken.
        """
        answer = self._ask("POST", "/v1/uploads", body, {"Content-Type": MEDIA_TYPE}, 201)
        resource: dict[str, Any] = msgspec.json.decode(answer)["data"]
        return resource

    def upload_other(self, size: int) -> None:
        """Send a video of so many bytes, noise after its head, in a form: the way of such files.

        Raises:
            WrongAnswer: it is not taken.
        """
        before, after = _around(size)
        length = len(before) + size - len(_VIDEO) + len(after)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
            "Content-Length": str(length),
        }
        body = _form(before, size - len(_VIDEO), after)
        self._ask("POST", "/v1/upload/files", body, headers, 200)

    def _ask(
        self, method: str, path: str, body: Body | None, headers: Mapping[str, str], status: int
    ) -> bytes:
        authorized = {"Authorization": f"Bearer {self._token}", **headers}
        self._connection.request(method, path, body, authorized)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != status:
            raise WrongAnswer(f"{method} {path}: {response.status} {answer[:500]!r}")
        return answer


_NOISE = random.Random(1).randbytes(1024 * 1024)  # noqa: S311 - of a video, no secret
# The box that an MP4 begins with (ISO/IEC 14496-12, section 4.3).
_VIDEO = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"


def write_video(path: Path, size: int) -> None:
    """The same file on the disk."""
    with path.open("wb") as file:
        for chunk in _form(_VIDEO, size - len(_VIDEO), b""):
            file.write(chunk)


def _around(size: int) -> tuple[bytes, bytes]:
    head = (
        f"--{_BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="video-{size}.mp4"\r\n'
        "Content-Type: video/mp4\r\n\r\n"
    )
    return head.encode() + _VIDEO, f"\r\n--{_BOUNDARY}--\r\n".encode()


def _form(before: bytes, noise: int, after: bytes) -> Iterator[bytes]:
    yield before
    while noise:
        yield _NOISE[:noise]
        noise -= min(noise, len(_NOISE))
    yield after
