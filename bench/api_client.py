"""Send one request at a time, for the rows that measure a single client."""

import http.client
import random
from collections.abc import Iterable, Iterator, Mapping
from email.message import Message
from itertools import chain
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bench.answer import WrongAnswer
from bench.form import FORM, around
from bench.images import make_jpeg
from bench.process import Server
from bench.workload import MEDIA_TYPE, document

_TIMEOUT_SECONDS = 120
Body = bytes | Iterable[bytes]


class ApiClient:
    """A client of one server, over one connection.

    Args:
        server: that answers already.
    """

    def __init__(self, server: Server) -> None:
        self._token = server.token()
        self._connection = http.client.HTTPConnection(
            "127.0.0.1", server.port, timeout=_TIMEOUT_SECONDS
        )

    def get(self, address: str, headers: Mapping[str, str] = MappingProxyType({})) -> bytes:
        """Return the body of an answer 200.

        Args:
            address: with or without scheme and host.
            headers: beside the credentials.

        Raises:
            WrongAnswer: the status is another.
        """
        parts = urlsplit(address)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        _, answer = self.request("GET", path, None, {"Accept": MEDIA_TYPE, **headers}, 200)
        return answer

    def upload(self, file: bytes) -> dict[str, Any]:
        """Send a JPEG as a data URI in a document, and return the resource.

        Raises:
            WrongAnswer: the server refuses it.
        """
        return self.post(document(file))

    def post(self, body: bytes) -> dict[str, Any]:
        """Send a document with an upload, and return the resource.

        Raises:
            WrongAnswer: the server refuses it.
        """
        headers = {"Content-Type": MEDIA_TYPE}
        _, answer = self.request("POST", "/v1/uploads", body, headers, 201)
        resource: dict[str, Any] = msgspec.json.decode(answer)["data"]
        return resource

    def send(self, size: int) -> str:
        """Send a JPEG of this many bytes as a raw body, and return its path.

        Raises:
            WrongAnswer: the server refuses it.
        """
        headers = {"Content-Type": "image/jpeg", "Content-Length": str(size)}
        found, _ = self.request("POST", "/v1/uploads", padded(PICTURE, size), headers, 201)
        return urlsplit(found["Location"]).path

    def send_form(self, size: int) -> None:
        """Send a video of this many bytes as the only part of a form.

        Raises:
            WrongAnswer: the server refuses it.
        """
        before, after = around(f"video-{size}.mp4", "video/mp4")
        headers = {
            "Content-Type": FORM,
            "Content-Length": str(len(before) + size + len(after)),
        }
        body = chain([before], padded(_VIDEO, size), [after])
        self.request("POST", "/v1/upload/files", body, headers, 200)

    def request(
        self, method: str, path: str, body: Body | None, headers: Mapping[str, str], status: int
    ) -> tuple[Message, bytes]:
        """Send a request, and return the header and the body of the answer.

        Args:
            method: of HTTP.
            path: with the query.
            body: None for none.
            headers: beside the credentials.
            status: that the answer must have.

        Raises:
            WrongAnswer: it has another.
        """
        authorized = {"Authorization": f"Bearer {self._token}", **headers}
        self._connection.request(method, path, body, authorized)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != status:
            raise WrongAnswer(f"{method} {path}: {response.status} {answer[:500]!r}")
        return response.headers, answer


# A small picture. Bytes after its end belong to the file and are never decoded.
PICTURE = make_jpeg(480, 320, 20_000)
# The box that an MP4 begins with (ISO/IEC 14496-12, section 4.3).
_VIDEO = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"
PIECE_BYTES = 1024 * 1024
_NOISE = random.Random(1).randbytes(PIECE_BYTES)  # noqa: S311 - fills a file, no secret


def padded(beginning: bytes, size: int) -> Iterator[bytes]:
    """Yield a file of this many bytes in pieces of 1 MiB: its beginning, then noise.

    Args:
        beginning: bytes that identify the type.
        size: bytes in all.
    """
    first = (beginning + _NOISE)[: min(PIECE_BYTES, size)]
    yield first
    missing = size - len(first)
    while missing:
        yield _NOISE[:missing]
        missing -= min(missing, PIECE_BYTES)
