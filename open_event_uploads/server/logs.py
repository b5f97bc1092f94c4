"""The log of the program, and its line about each request.

Values are written as Python literals, so that nothing a client sends can break a line or colour a
terminal; nothing of a body is ever written.
"""

import json
import logging
import random
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TextIO

from open_event_uploads.server.asgi import Environ
from open_event_uploads.server.exchange import Exchange

_MAX_METHOD_CHARACTERS, _MAX_PATH_CHARACTERS = 20, 200

_Facts = dict[str, object]


def _as_text(facts: _Facts) -> str:
    return " ".join([f"{name}={value!r}" for name, value in facts.items()])


_FORMATS: dict[str, Callable[[_Facts], str]] = {"text": _as_text, "json": json.dumps}


def _event(level: str, event: str) -> _Facts:
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    # `Z` in place of +00:00.
    return {"timestamp": f"{now[:-6]}Z", "level": level, "event": event}


class _Formatter(logging.Formatter):
    """Format the records of the standard library."""

    def __init__(self, format_: str) -> None:
        super().__init__()
        self._render = _FORMATS[format_]

    def format(self, record: logging.LogRecord) -> str:
        """Return a line; that of an error has its traceback in one value."""
        facts = _event(record.levelname.lower(), record.getMessage())
        if record.exc_info:
            facts["exception"] = self.formatException(record.exc_info)
        return self._render(facts)


class EventLog:
    """Write events with facts to the stream of a handler, without a record for each.

    Args:
        handler: whose stream and lock are used.
        format_: as of `configure_logs`.
    """

    def __init__(self, handler: "logging.StreamHandler[TextIO]", format_: str) -> None:
        self._handler = handler
        self._render = _FORMATS[format_]
        self._lock = handler.lock or threading.RLock()

    def write(self, level: str, event: str, **facts: object) -> None:
        """Write a line.

        As with the standard library's handlers, a log that is full or gone loses lines and fails no
        request.
        """
        line = f"{self._render(_event(level, event) | facts)}\n"
        with self._lock, suppress(OSError, ValueError):
            stream = self._handler.stream
            stream.write(line)
            # Standard error writes each line at once; a second flush costs as much as the line.
            if not getattr(stream, "line_buffering", False):
                stream.flush()


def configure_logs(format_: str) -> EventLog:
    """Send this program's log, one line an event, to standard error.

    Args:
        format_: `text` for people, `json` for programs.

    Returns:
        The log of requests, whose lines go to the same stream.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(format_))
    ours = logging.getLogger("open_event_uploads")
    ours.handlers[:] = [handler]
    ours.setLevel(logging.INFO)
    ours.propagate = False
    return EventLog(handler, format_)


class RequestLog:
    """Write a line about each request that has been answered, or a sample of the successes."""

    def __init__(self, log: EventLog, *, sample: float) -> None:
        self._log = log
        self._sample = sample

    def write(
        self, environ: Environ, exchange: Exchange, status: int, sent_bytes: int | None
    ) -> None:
        """Write a line, unless it is a success that the sample leaves out."""
        if status < 400 and not self._is_sampled():  # noqa: PLR2004 - RFC 9110: no error
            return
        facts = {} if exchange.error_code is None else {"code": exchange.error_code}
        self._log.write(
            "info" if status < 500 else "error",  # noqa: PLR2004 - RFC 9110: 5xx
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
