"""A response is sent as Flask sends it."""

from collections.abc import Iterable
from typing import Any

import pytest
from flask import Response

from open_event_uploads.server.wsgi_response import WsgiResponse


def sent(response: Response, method: str) -> tuple[str, list[tuple[str, str]], bytes]:
    began: list[Any] = []

    def start_response(*head: Any) -> Any:  # noqa: ANN401 - of WSGI
        began.extend(head)

    parts = response({"REQUEST_METHOD": method}, start_response)
    body = b"".join(parts)
    getattr(parts, "close", lambda: None)()
    return began[0], began[1], body


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("status", [200, 201, 204, 206, 303, 304, 307, 404, 500])
@pytest.mark.parametrize("body", ["é", b"bytes", [b"two ", b"parts"], None, iter(())])
def test_status_fields_and_body_are_those_of_flask(
    method: str, status: int, body: str | bytes | Iterable[bytes] | None
) -> None:
    headers = {"Content-Type": "text/plain", "ETag": '"1"'}
    if status in {201, 303}:
        headers["Location"] = "http://127.0.0.1/v1/uploads?page%5Bsize%5D=1"
    ours = sent(WsgiResponse(body, status, headers), method)
    assert ours == sent(Response(body, status, headers), method)


def test_a_redirect_to_what_a_person_typed_is_escaped() -> None:
    _, headers, _ = sent(WsgiResponse(status=303, headers={"Location": "/admin/ü"}), "GET")
    assert ("Location", "/admin/%C3%BC") in headers


def test_what_was_asked_to_be_called_at_the_end_is_called() -> None:
    ended: list[int] = []
    response = WsgiResponse(b"text")
    response.call_on_close(lambda: ended.append(1))
    sent(response, "GET")
    assert ended == [1]


def test_an_open_file_is_closed() -> None:
    class File:
        closed = False

        def __iter__(self) -> Any:  # noqa: ANN401 - an iterator
            return iter([b"part"])

        def close(self) -> None:
            self.closed = True

    file = File()
    assert sent(WsgiResponse(file), "GET")[2] == b"part"
    assert file.closed
