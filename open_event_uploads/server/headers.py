"""Headers that every response carries, errors and empty ones included."""

from flask import Flask, Response

ON_EVERY_ANSWER = {
    "X-Content-Type-Options": "nosniff",
    # A resource may change at any time and may one day be seen by some people only.
    "Cache-Control": "private, no-cache",
    # Nothing but a picture is ever rendered from here.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def register_headers(app: Flask) -> None:
    """Add them last, where a view has not set its own."""

    @app.after_request
    def _add(response: Response) -> Response:
        for name, value in ON_EVERY_ANSWER.items():
            response.headers.setdefault(name, value)
        return response
