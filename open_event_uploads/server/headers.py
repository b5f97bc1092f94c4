"""The header fields that every answer has, errors and empty ones included."""

from collections.abc import Set as AbstractSet

from open_event_uploads.server.asgi import Environ, Headers
from open_event_uploads.server.cors import Cors

REQUEST_ID = "X-Request-Id"

# For answers that do not set their own.
_DEFAULTS = (
    ("X-Content-Type-Options", "nosniff"),
    # A resource may change at any time and may one day be seen by some people only.
    ("Cache-Control", "private, no-cache"),
    # Nothing but a picture is ever rendered from here.
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)


class AnswerHeaders:
    """Adds the header fields of every answer.

    Args:
        cors_origins: the origins whose pages may read answers.
    """

    def __init__(self, cors_origins: AbstractSet[str]) -> None:
        self._cors = Cors(cors_origins) if cors_origins else None

    def add(self, environ: Environ, request_id: str, headers: Headers) -> None:
        """Add them to the headers of an answer."""
        present = {name.lower() for name, _ in headers}
        headers += [each for each in _DEFAULTS if each[0].lower() not in present]
        headers.append((REQUEST_ID, request_id))
        if self._cors:
            self._cors.add(environ, headers)
