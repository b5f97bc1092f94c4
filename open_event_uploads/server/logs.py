"""One line a request, and a request id that the log, the response and its errors share.

Values are written as Python literals, so that nothing a client sends can break a line or colour a
terminal; nothing of a body is ever written.
"""

import logging
import random
import sys
import threading
import time
from contextlib import suppress
from typing import TextIO

import structlog
from flask import Flask, Response, g, request

REQUEST_ID_HEADER = "X-Request-Id"
_MAX_METHOD_CHARACTERS, _MAX_PATH_CHARACTERS = 20, 200
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

    Args:
        handler: of the rest.
    """

    def __init__(self, handler: "logging.StreamHandler[TextIO]") -> None:
        self._handler = handler
        self._lock = handler.lock or threading.RLock()

    def info(self, line: str) -> None:
        """Write one, for structlog, which calls what is named as the line's level is."""
        # As in the standard library's handlers: a log that is full or gone costs its lines, and no
        # request.
        with self._lock, suppress(OSError, ValueError):
            self._handler.stream.write(line + "\n")
            self._handler.flush()

    error = info


class RequestLog:
    """Writes a line about each request that has been answered.

    Args:
        log: as of `configure_logs`.
        sample: the share of those without an error that is written.
    """

    def __init__(self, log: structlog.typing.FilteringBoundLogger, *, sample: float) -> None:
        self._log = log
        self._sample = sample

    def write(  # noqa: PLR0913 - what a line says
        self,
        *,
        method: str,
        path: str,
        status: int,
        bytes: int | None,  # noqa: A002 - the line's name for it
        started: float,
        request_id: str,
        **facts: str,
    ) -> None:
        """Write one, or leave it out.

        Args:
            method: of HTTP.
            path: of the address.
            status: of the answer.
            bytes: of the answer's body, as announced.
            started: when the request came, of `time.perf_counter`.
            request_id: as the answer says.
            facts: what else there is to say.
        """
        if status < 400 and not self._is_drawn():  # noqa: PLR2004 - RFC 9110: no error
            return
        say = self._log.info if status < 500 else self._log.error  # noqa: PLR2004 - RFC 9110: 5xx
        say(
            "request",
            method=method[:_MAX_METHOD_CHARACTERS],
            path=path[:_MAX_PATH_CHARACTERS],
            status=status,
            bytes=bytes,
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
            request_id=request_id,
            **facts,
        )

    def _is_drawn(self) -> bool:
        return self._sample >= 1 or random.random() < self._sample  # noqa: S311 - no secret


def new_request_id() -> str:
    """What names one request, in the log and in the answer: 128 bits, and no secret."""
    return f"{random.getrandbits(128):032x}"


def register_request_log(app: Flask, log: RequestLog) -> None:
    """Number every request and write a line about it when it has been answered.

    Args:
        app: whose requests; of its health checks only failures are written.
        log: where.
    """

    @app.before_request
    def _begin() -> None:
        g.request_id = new_request_id()
        g.started = time.perf_counter()

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers[REQUEST_ID_HEADER] = g.request_id
        if response.status_code < 400 and request.endpoint in _ASKED_ALL_THE_TIME:  # noqa: PLR2004 - RFC 9110: no error
            return response
        facts = {"code": g.error_code} if "error_code" in g else {}
        log.write(
            method=request.method,
            path=request.path,
            status=response.status_code,
            bytes=response.content_length,
            started=g.started,
            request_id=g.request_id,
            **facts,
        )
        return response
