"""Speak with a system that is running, as its own clients do."""

import json
import time
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.error import HTTPError, URLError

_START_SECONDS = 180.0


class Client:
    """A client of one server on the loopback address.

    Args:
        port: that it listens on.
        token: that each request carries; empty for none.
    """

    def __init__(self, port: int, token: str = "") -> None:
        self.port = port
        self.token = token

    def send(self, method: str, path: str, document: object = None) -> Any:  # noqa: ANN401 - JSON
        """Send JSON, and return the JSON that comes back; None for an empty answer."""
        body = None if document is None else json.dumps(document).encode()
        answer = self.ask(method, path, body, {"Content-Type": "application/json"})
        return json.loads(answer) if answer else None

    def send_form(
        self, path: str, fields: Mapping[str, str], part: str, name: str, content: bytes
    ) -> Any:  # noqa: ANN401 - JSON
        """Send a form with text fields and, at its end, a file."""
        boundary = uuid.uuid4().hex
        text = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in fields.items()
        )
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{part}"; filename="{name}"\r\n'
            f"Content-Type: {media_type_of(name)}\r\n\r\n"
        )
        body = f"{text}{head}".encode() + content + f"\r\n--{boundary}--\r\n".encode()
        form = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return json.loads(self.ask("POST", path, body, form))

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Return the body of an answer.

        Raises:
            urllib.error.HTTPError: the status is an error.
        """
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, method=method)
        for key, value in (headers or {}).items():
            request.add_header(key, value)
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - http
                content: bytes = response.read()
        except HTTPError as error:
            error.add_note(f"{method} {path}: {error.read()[:500]!r}")
            raise
        return content


def wait_for(ask: Callable[[], object], is_alive: Callable[[], bool]) -> None:
    """Wait until a server answers."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            ask()
        except (URLError, OSError):
            if time.monotonic() > deadline or not is_alive():
                raise
            time.sleep(0.2)
        else:
            return


def media_type_of(name: str) -> str:
    """Return the media type that a browser sends with a file of this name."""
    types = {"jpg": "image/jpeg", "gif": "image/gif", "svg": "image/svg+xml", "webp": "image/webp"}
    types |= {"pdf": "application/pdf", "png": "image/png", "avif": "image/avif"}
    return types.get(name.rpartition(".")[2], "image/png")
