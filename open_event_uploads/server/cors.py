"""Requests from other origins (the Fetch standard, "CORS protocol")."""

import re
from datetime import timedelta
from http import HTTPStatus

from flask import Flask, Response, request
from flask_cors import CORS

from open_event_uploads.context import current_settings
from open_event_uploads.settings import ANY_ORIGIN

_PATHS = re.compile("/(?:v1|media|auth)(?:/|$)")
_METHODS = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE")
_REQUEST_HEADERS = (
    "Accept",
    "Authorization",
    "Content-Type",
    "Content-Disposition",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "If-Range",
    "Range",
    "X-Request-Id",
)
_RESPONSE_HEADERS = (
    "Content-Range",
    "ETag",
    "Location",
    "RateLimit",
    "RateLimit-Limit",
    "RateLimit-Policy",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-Id",
)
_MAX_AGE = timedelta(days=1)


def register_cors(app: Flask) -> None:
    """Let the origins in the settings read answers, errors included; no cookies, ever."""
    app.after_request(_empty_options)
    with app.app_context():
        allowed = current_settings().cors_origins
    if not allowed:
        return
    anyone = allowed == {ANY_ORIGIN}
    if not anyone:
        app.after_request(_vary)
    # Patterns of our own: the library takes a name with a bracket in it (IPv6) for a pattern.
    origins = [re.compile(re.escape(each) + r"\Z") for each in sorted(allowed)]
    CORS(
        app,
        resources=_PATHS,
        origins=ANY_ORIGIN if anyone else origins,
        methods=_METHODS,
        allow_headers=_REQUEST_HEADERS,
        expose_headers=_RESPONSE_HEADERS,
        max_age=_MAX_AGE,
        supports_credentials=False,
        # With `*` every answer says so, whoever asks; else only those to an origin that is known.
        send_wildcard=anyone,
        always_send=anyone,
        # `_vary` merges what the library would add as a second header.
        vary_header=False,
        # Errors are answers like any other here: the handlers make them before this runs.
        intercept_exceptions=False,
    )


def _empty_options(response: Response) -> Response:
    """Flask answers OPTIONS with 200 and the type of a page that is not there."""
    if request.method == "OPTIONS" and response.status_code == HTTPStatus.OK:
        response.status_code = HTTPStatus.NO_CONTENT
        del response.headers["Content-Type"]
    return response


def _vary(response: Response) -> Response:
    """Tell caches that the answer to an unknown origin is another one (Fetch, section 3.2.5)."""
    if _PATHS.match(request.path):
        response.vary.add("Origin")
    return response
