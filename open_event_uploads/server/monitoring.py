"""What operators' programs ask: `/health/live`, `/health/ready` and `/metrics`.

Answered before anything else of a request is done, because whatever else there is may be dead.
"""

import hmac
import time
from typing import cast

import msgspec
from flask import Flask, Response, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST
from werkzeug.exceptions import NotFound

from open_event_uploads.context import current_settings, db
from open_event_uploads.maintenance.sweep_figures import SweepFigures
from open_event_uploads.metrics import REFUSALS, exposition, of_requests
from open_event_uploads.server.readiness import Readiness

_READINESS = "uploads_readiness"
_RETRY_SECONDS = 5

# Whatever else a client may call its method is "other".
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def register_monitoring(app: Flask) -> None:
    """Add the three routes, and count what all others do."""
    app.extensions[_READINESS] = Readiness(app)
    app.add_url_rule("/health/live", "live", get_live)
    app.add_url_rule("/health/ready", "ready", get_ready)
    app.add_url_rule("/metrics", "metrics", get_metrics)
    app.before_request(_answer_at_once)
    app.after_request(_count)


def is_monitoring(endpoint: str | None) -> bool:
    """Whether a route is one of these three."""
    return endpoint in _VIEWS


def get_live() -> Response:
    """Answer GET as long as the process answers anything."""
    return _json({"status": "live"}, 200)


def get_ready() -> Response:
    """Answer GET with the state of each part; 503 where one of them cannot be used."""
    readiness = cast("Readiness", current_app.extensions[_READINESS])
    parts = readiness.ask()
    if all(each.ok for each in parts.values()):
        return _json({"status": "ready", "parts": parts}, 200)
    response = _json({"status": "not-ready", "parts": parts}, 503)
    response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return response


def get_metrics() -> Response:
    """Answer GET with the figures of all workers, to whoever has `UPLOADS_METRICS_TOKEN`.

    Raises:
        NotFound: anybody else asks; then there is nothing here.
    """
    token = current_settings().metrics_token
    said = request.headers.get("Authorization", "").encode()
    if token is None or not hmac.compare_digest(
        said, f"Bearer {token.get_secret_value()}".encode()
    ):
        raise NotFound
    figures = exposition(SweepFigures(db.engine))
    return current_app.response_class(figures, content_type=CONTENT_TYPE_LATEST)


_VIEWS = {"live": get_live, "ready": get_ready, "metrics": get_metrics}


def _answer_at_once() -> Response | None:
    if request.method in {"GET", "HEAD"} and request.endpoint in _VIEWS:
        return _VIEWS[request.endpoint]()
    return None


def _json(document: object, status: int) -> Response:
    response = current_app.response_class(
        msgspec.json.encode(document), status, content_type="application/json"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _count(response: Response) -> Response:
    """Count a request under its route's template: never under words of a client's."""
    rule = request.url_rule
    route = rule.rule if rule else "none"
    method = request.method if request.method in _METHODS else "other"
    counted = of_requests(method, route, response.status_code)
    counted.add(time.perf_counter() - g.started, response.content_length or 0)
    if response.status_code < 400 and (length := request.content_length):  # noqa: PLR2004 - RFC 9110: what is not an error
        counted.received.inc(length)
    if "error_code" in g:
        REFUSALS.labels(g.error_code).inc()
    return response
