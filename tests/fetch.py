"""Send HTTP requests without credentials."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer.

    Args:
        status: of HTTP.
        headers: the last of each name.
        content: the body.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes


def fetch(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Fetched:
    """Send one request, and follow no redirect."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request(method, f"{parts.path}?{parts.query}".rstrip("?"), body, headers)
        response = connection.getresponse()
        return Fetched(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()
