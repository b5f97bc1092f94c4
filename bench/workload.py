"""Prepare the requests that load a server, and check an answer of each kind once."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pybase64

from bench.answer import WrongAnswer
from bench.ask import ask
from bench.facts import check_facts
from bench.images import SIZES, make_jpeg
from bench.process import Server

MEDIA_TYPE = "application/vnd.api+json"
_LIST = "/v1/uploads?page%5Bsize%5D=50"
PAGE_SIZE = 50
# Rows before anything is measured.
SEEDED = 200


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and the answer that it must get.

    Args:
        request: head and body.
        status: of the answer.
        body_bytes: of the answer; None for any length.
    """

    request: bytes
    status: int
    body_bytes: int | None


class UploadWorkload:
    """The requests of one server with uploads.

    Args:
        server: that was started, and may not answer yet.
    """

    def __init__(self, server: Server) -> None:
        self._server = server

    def wait(self) -> None:
        """Wait for the first right answer."""
        self._server.wait_for(self.count)

    def count(self) -> int:
        """Return the number of uploads."""
        meta: dict[str, Any] = msgspec.json.decode(self._request("GET", _LIST, 200))["meta"]
        # The peer's framework nests it one level deeper.
        count: int = meta.get("pagination", meta)["count"]
        return count

    def exchanges(self, files: dict[str, bytes]) -> dict[str, Exchange]:
        """Fill the server, check an answer of each kind, and return the exchanges by name.

        Args:
            files: JPEGs, by the name of their size.

        Raises:
            WrongAnswer: an answer is wrong.
        """
        posts = {size: document(file) for size, file in files.items()}
        kept = {size: self._create(body) for size, body in posts.items()}
        smallest = next(iter(posts.values()))
        for _ in range(SEEDED):
            self._create(smallest)
        found = {
            f"upload, {size}": Exchange(
                message(self._server, "POST", "/v1/uploads", body), 201, None
            )
            for size, body in posts.items()
        }
        for size, resource in kept.items():
            check_facts(resource["attributes"], files[size])
            path = urlsplit(resource["attributes"]["url"]).path
            if self._request("GET", path, 200) != files[size]:
                raise WrongAnswer("the bytes are not those that were sent")
            found[f"bytes, {size}"] = self._read(path)
        if len(msgspec.json.decode(self._request("GET", _LIST, 200))["data"]) != PAGE_SIZE:
            raise WrongAnswer("the list has another length")
        found[f"list of {PAGE_SIZE}"] = self._read(_LIST)
        found["read of one"] = self._read(urlsplit(kept["20 KB"]["links"]["self"]).path)
        return found

    def _read(self, path: str) -> Exchange:
        return Exchange(
            message(self._server, "GET", path), 200, len(self._request("GET", path, 200))
        )

    def _create(self, body: bytes) -> dict[str, Any]:
        answer = self._request("POST", "/v1/uploads", 201, body)
        resource: dict[str, Any] = msgspec.json.decode(answer)["data"]
        return resource

    def _request(self, method: str, path: str, status: int, body: bytes | None = None) -> bytes:
        headers = {"Content-Type": MEDIA_TYPE, "Authorization": f"Bearer {self._server.token()}"}
        return ask(self._server, method, path, status, body=body, headers=headers)


def message(
    server: Server, method: str, path: str, body: bytes = b"", *, media_type: str = MEDIA_TYPE
) -> bytes:
    """Return the bytes of a request, with the fields that a browser's fetch or `<img>` sends."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}"]
    if path.startswith("/media/"):
        lines.append("Accept: image/avif,image/webp,image/*,*/*;q=0.8")
    else:
        lines += [f"Accept: {MEDIA_TYPE}", f"Authorization: Bearer {server.token()}"]
    if body:
        lines += [f"Content-Type: {media_type}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def make_files() -> dict[str, bytes]:
    """Return the JPEGs, by the name of their size."""
    return {name: make_jpeg(*measures) for name, measures in SIZES.items()}


def document(file: bytes) -> bytes:
    """Return the JSON:API document that uploads a JPEG, as a frontend writes it."""
    uri = f"data:image/jpeg;base64,{pybase64.b64encode(file).decode()}"
    attributes = {"data": uri, "filename": "photo.jpg"}
    return msgspec.json.encode({"data": {"type": "uploads", "attributes": attributes}})
