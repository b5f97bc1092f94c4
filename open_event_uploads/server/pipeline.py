"""Give every request its id, its line in the log, its metrics and its headers.

A request goes through the first handler that takes it. A handler is an application of WSGI that
may return None instead: the next one then answers. The last one is Flask, whose routes are checked
in `checks.py`.
"""

import time
from collections.abc import Callable, Iterable, Sequence

from werkzeug.sansio.utils import get_content_length

from open_event_uploads.metrics import REFUSALS, of_requests
from open_event_uploads.server.asgi import Environ, Headers, StartResponse, Wsgi
from open_event_uploads.server.exchange import Exchange, exchange_of
from open_event_uploads.server.headers import AnswerHeaders, content_length
from open_event_uploads.server.logs import RequestLog

Handler = Callable[[Environ, StartResponse], Iterable[bytes] | None]

# The label of any other method is "other".
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_ERRORS = 400  # RFC 9110, section 15: 4xx and 5xx


class Pipeline:
    """An application of WSGI that passes requests to handlers, and adds what all answers have."""

    def __init__(
        self,
        handlers: Sequence[Handler],
        application: Wsgi,
        headers: AnswerHeaders,
        log: RequestLog,
    ) -> None:
        self._handlers = tuple(handlers)
        self._application = application
        self._headers = headers
        self._log = log

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        exchange = exchange_of(environ)

        def begin(status: str, headers: Headers, *exc_info: object) -> object:
            self._finish(environ, exchange, int(status[:3]), headers)
            return start_response(status, headers, *exc_info)

        for handle in self._handlers:
            if (answer := handle(environ, begin)) is not None:
                return answer
        return self._application(environ, begin)

    def _finish(self, environ: Environ, exchange: Exchange, status: int, headers: Headers) -> None:
        self._headers.add(environ, exchange.request_id, headers)
        sent_bytes = content_length(headers)
        _count(environ, exchange, status, sent_bytes or 0)
        if exchange.logs or status >= _ERRORS:
            self._log.write(environ, exchange, status, sent_bytes)


def _count(environ: Environ, exchange: Exchange, status: int, sent_bytes: int) -> None:
    method = environ["REQUEST_METHOD"]
    counted = of_requests(method if method in _METHODS else "other", exchange.route, status)
    counted.add(time.perf_counter() - exchange.started, sent_bytes)
    is_received = status < _ERRORS and not exchange.awaits_body
    if is_received and (body_bytes := _body_bytes(environ, exchange)):
        counted.received.inc(body_bytes)
    if exchange.error_code is not None:
        REFUSALS.labels(exchange.error_code).inc()


def _body_bytes(environ: Environ, exchange: Exchange) -> int:
    if exchange.body_bytes is not None:
        return exchange.body_bytes
    # A server other than ours has received it.
    length = environ.get("CONTENT_LENGTH")
    return get_content_length(length, environ.get("HTTP_TRANSFER_ENCODING")) or 0
