"""Send one request to a server, over a connection of its own."""

import http.client
from collections.abc import Mapping
from types import MappingProxyType

from bench.answer import WrongAnswer
from bench.process import Server

_TIMEOUT_SECONDS = 60


def ask(  # noqa: PLR0913 - what a request is
    server: Server,
    method: str,
    path: str,
    status: int,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """Return the body of an answer.

    Servers close connections that are idle while others are measured, so none is kept.

    Args:
        server: that was started.
        method: of HTTP.
        path: with the query.
        status: that the answer must have.
        body: of the request.
        headers: of the request.

    Raises:
        OSError: the server does not answer.
        WrongAnswer: the status is another.
    """
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        answer = response.read()
    finally:
        connection.close()
    if response.status != status:
        raise WrongAnswer(f"{server.name}: {method} {path}: {response.status} {answer[:500]!r}")
    return answer
