"""One line a request, and a request id that the log, the response and its errors share.

Values are written as Python literals, so that nothing a client sends can break a line or colour a
terminal; nothing of a body is ever written.
"""

import logging
import random
import sys
import time
import uuid

import structlog
from flask import Flask, Response, g, request

REQUEST_ID_HEADER = "X-Request-Id"
_MAX_PATH_CHARACTERS = 200
_ASKED_ALL_THE_TIME = frozenset({"live", "ready", "metrics"})

log = structlog.stdlib.get_logger("open_event_uploads.request")


def configure_logs(format_: str) -> None:
    """Send this program's log, one line an event, to standard error.

    Args:
        format_: `text` for people, `json` for programs.
    """
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if format_ == "json"
        else structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])
    )
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
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


def register_request_log(app: Flask, *, sample: float) -> None:
    """Number every request and write a line about it when it has been answered.

    Args:
        app: whose requests.
        sample: the share of those without an error that is written; health checks never are.
    """

    @app.before_request
    def _begin() -> None:
        g.request_id = uuid.uuid4().hex
        g.started = time.perf_counter()

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers[REQUEST_ID_HEADER] = g.request_id
        if response.status_code < 400 and not _is_wanted(sample):  # noqa: PLR2004 - RFC 9110: no error
            return response
        facts = {"code": g.error_code} if "error_code" in g else {}
        log.log(
            logging.INFO if response.status_code < 500 else logging.ERROR,  # noqa: PLR2004 - RFC 9110: 5xx
            "request",
            method=request.method[:20],
            path=request.path[:_MAX_PATH_CHARACTERS],
            status=response.status_code,
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
