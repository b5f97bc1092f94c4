"""Headers that every response carries, errors and empty ones included."""

from flask import Flask, Response


def register_headers(app: Flask) -> None:
    """Add them last, where a view has not set its own."""

    @app.after_request
    def _add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("X-Content-Type-Options", "nosniff")
        # A resource may change at any time and may one day be seen by some people only.
        headers.setdefault("Cache-Control", "private, no-cache")
        # Nothing but a picture is ever rendered from here.
        headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        return response
