"""The log of the program, and its line about each request.

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

from open_event_uploads.server.asgi import Environ
from open_event_uploads.server.exchange import Exchange

_MAX_METHOD_CHARACTERS, _MAX_PATH_CHARACTERS = 20, 200

_ADDED: list[structlog.typing.Processor] = [
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure_logs(format_: str) -> structlog.typing.FilteringBoundLogger:
    """Send this program's log, one line an event, to standard error.

    Args:
        format_: `text` for people, `json` for programs.

    Returns:
        The log of requests, whose lines go to the same stream.
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
    """Write whole lines to the stream of a handler, without a record for each."""

    def __init__(self, handler: "logging.StreamHandler[TextIO]") -> None:
        self._handler = handler
        self._lock = handler.lock or threading.RLock()

    def info(self, line: str) -> None:
        """Write a line; structlog calls the method that has the name of the line's level."""
        # As in the standard library's handlers: a log that is full or gone loses lines, and fails
        # no request.
        with self._lock, suppress(OSError, ValueError):
            self._handler.stream.write(line + "\n")
            self._handler.flush()

    error = info


class RequestLog:
    """Write a line about each request that has been answered, or a sample of the successes."""

    def __init__(self, log: structlog.typing.FilteringBoundLogger, *, sample: float) -> None:
        self._log = log
        self._sample = sample

    def write(
        self, environ: Environ, exchange: Exchange, status: int, sent_bytes: int | None
    ) -> None:
        """Write a line, unless it is a success that the sample leaves out."""
        if status < 400 and not self._is_sampled():  # noqa: PLR2004 - RFC 9110: no error
            return
        facts = {} if exchange.error_code is None else {"code": exchange.error_code}
        write = self._log.info if status < 500 else self._log.error  # noqa: PLR2004 - RFC 9110: 5xx
        write(
            "request",
            method=environ["REQUEST_METHOD"][:_MAX_METHOD_CHARACTERS],
            path=_path(environ["PATH_INFO"])[:_MAX_PATH_CHARACTERS],
            status=status,
            bytes=sent_bytes,
            milliseconds=round((time.perf_counter() - exchange.started) * 1000, 1),
            request_id=exchange.request_id,
            **facts,
        )

    def _is_sampled(self) -> bool:
        return self._sample >= 1 or random.random() < self._sample  # noqa: S311 - no secret


def _path(text: str) -> str:
    """Return a path as the client spelled it: PEP 3333 has its bytes as Latin-1."""
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "replace")
