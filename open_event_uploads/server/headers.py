"""The header fields that every answer has, errors and empty ones included."""

from collections.abc import Set as AbstractSet

from open_event_uploads.server.asgi import Environ, Headers
from open_event_uploads.server.cors import Cors

# For answers that do not set their own.
_DEFAULTS = (
    ("X-Content-Type-Options", "nosniff"),
    # A resource may change at any time and may one day be seen by some people only.
    ("Cache-Control", "private, no-cache"),
    # Nothing but a picture is ever rendered from here.
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)


class AnswerHeaders:
    """Add the header fields of every answer; pages of some origins may read it."""

    def __init__(self, cors_origins: AbstractSet[str]) -> None:
        self._cors = Cors(cors_origins) if cors_origins else None

    def add(self, environ: Environ, request_id: str, headers: Headers) -> None:
        """Add them to the headers of an answer."""
        present = {name.lower() for name, _ in headers}
        headers += [each for each in _DEFAULTS if each[0].lower() not in present]
        headers.append(("X-Request-Id", request_id))
        if self._cors:
            self._cors.add(environ, headers)


def content_length(headers: Headers) -> int | None:
    """Return the announced length of an answer's body; None if there is none."""
    for name, value in headers:
        if name.lower() == "content-length":
            return int(value)
    return None
