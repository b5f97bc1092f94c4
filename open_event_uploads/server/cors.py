"""Allow requests from other origins (the Fetch standard, "CORS protocol")."""

import re
from collections.abc import Set as AbstractSet
from datetime import timedelta

from flask_cors.core import get_cors_headers, serialize_options
from werkzeug.datastructures import EnvironHeaders

from open_event_uploads.server.asgi import Environ, Headers
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
    # Digest fields (RFC 9530).
    "Content-Digest",
    "Repr-Digest",
    # tus 1.0.
    "Tus-Resumable",
    "Upload-Checksum",
    "Upload-Concat",
    "Upload-Defer-Length",
    "Upload-Length",
    "Upload-Metadata",
    "Upload-Offset",
    "X-HTTP-Method-Override",
    # draft-ietf-httpbis-resumable-upload.
    "Upload-Complete",
    "Upload-Draft-Interop-Version",
)
_RESPONSE_HEADERS = (
    "Accept-Patch",
    "Content-Location",
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
    # tus 1.0.
    "Tus-Checksum-Algorithm",
    "Tus-Extension",
    "Tus-Max-Size",
    "Tus-Resumable",
    "Tus-Version",
    "Upload-Concat",
    "Upload-Defer-Length",
    "Upload-Expires",
    "Upload-Length",
    "Upload-Metadata",
    "Upload-Offset",
    # draft-ietf-httpbis-resumable-upload.
    "Upload-Complete",
    "Upload-Limit",
)
_MAX_AGE = timedelta(days=1)


class Cors:
    """Let pages of some origins read answers, errors included; cookies are never sent.

    Args:
        origins: as in the settings; `*` alone for any.
    """

    def __init__(self, origins: AbstractSet[str]) -> None:
        self._any = origins == {ANY_ORIGIN}
        # Patterns of our own: the library takes a name with a bracket in it (IPv6) for a pattern.
        patterns = [re.compile(re.escape(each) + r"\Z") for each in sorted(origins)]
        self._options = serialize_options(
            {
                "origins": ANY_ORIGIN if self._any else patterns,
                "methods": _METHODS,
                "allow_headers": _REQUEST_HEADERS,
                "expose_headers": _RESPONSE_HEADERS,
                "max_age": _MAX_AGE,
                "supports_credentials": False,
                # `*` is the answer to any request; an origin only to a request of that origin.
                "send_wildcard": self._any,
                "always_send": self._any,
                # The library would add a second Vary.
                "vary_header": False,
            }
        )

    def add(self, environ: Environ, headers: Headers) -> None:
        """Add the header fields that let a page read an answer."""
        if not _PATHS.match(environ["PATH_INFO"]):
            return
        if self._any or "HTTP_ORIGIN" in environ:
            found = get_cors_headers(
                self._options, EnvironHeaders(environ), environ["REQUEST_METHOD"]
            )
            headers += [(name, str(value)) for name, value in found.items(multi=True)]
        if not self._any:
            _vary_by_origin(headers)


def _vary_by_origin(headers: Headers) -> None:
    """Tell caches that the answer to another origin may differ (Fetch, section 3.2.5)."""
    for at, (name, value) in enumerate(headers):
        if name.lower() == "vary":
            if "origin" not in value.lower():
                headers[at] = name, f"{value}, Origin"
            return
    headers.append(("Vary", "Origin"))
