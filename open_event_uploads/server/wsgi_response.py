"""Flask's response, without the work that our answers do not need."""

from collections.abc import Iterable

from flask import Response
from werkzeug.datastructures import Headers

from open_event_uploads.server.asgi import Environ

_NO_CONTENT, _NOT_MODIFIED = 204, 304


class WsgiResponse(Response):
    """A response whose header fields are complete, and whose body mostly is one part.

    Werkzeug (3.1) copies the fields, and parses each Location: 7 of 88 us of the entry point's
    answer, and 5 more for a Location. `tests/unit/server/test_wsgi_response.py` compares.
    """

    def get_wsgi_headers(self, environ: Environ) -> Headers:
        """Return the header fields as they are, with the length of a body that is known."""
        if self.status_code == _NO_CONTENT or 300 <= self.status_code < 400:  # noqa: PLR2004 - RFC 9110, section 15.4
            # They lose fields, or redirect to an address that a person may have typed.
            return super().get_wsgi_headers(environ)
        if self.is_sequence and "Content-Length" not in self.headers:
            self.headers["Content-Length"] = str(sum(map(len, self.iter_encoded())))
        return self.headers

    def get_app_iter(self, environ: Environ) -> Iterable[bytes]:
        """Return the parts of the body; without a wrapper, where nothing is to be closed."""
        is_plain = isinstance(self.response, list) and not self._on_close
        if not is_plain or self.status_code in {_NO_CONTENT, _NOT_MODIFIED}:
            return super().get_app_iter(environ)
        return () if environ["REQUEST_METHOD"] == "HEAD" else self.iter_encoded()
