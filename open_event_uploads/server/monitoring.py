"""`/health/live`, `/health/ready` and `/metrics`, for the programs of operators.

They are answered before any check of the request, because any other part may have failed.
"""

import hmac
from collections.abc import Callable, Mapping
from typing import cast

import msgspec
from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from werkzeug.exceptions import NotFound

from open_event_uploads.context import current_settings
from open_event_uploads.current import current_application, current_request
from open_event_uploads.metrics import exposition
from open_event_uploads.server.policy import Policy, Who
from open_event_uploads.server.readiness import Readiness
from open_event_uploads.server.routes import Routes

_READINESS, _FIGURES = "uploads_readiness", "uploads_figures"
_RETRY_SECONDS = 5

# Requested every few seconds; `/metrics` checks a token of its own.
_MONITORING = Policy(Who.ANYBODY, checked=False, logs=False, documented=False)


def register_routes(
    routes: Routes, checks: Mapping[str, Callable[[], None]], *figures: Collector
) -> None:
    """Add the routes of this module; `figures` are looked up, and no metrics of a process."""
    routes.app.extensions[_READINESS] = Readiness(checks)
    routes.app.extensions[_FIGURES] = figures
    routes.add("/health/live", "live", get_live, GET=_MONITORING)
    routes.add("/health/ready", "ready", get_ready, GET=_MONITORING)
    routes.add("/metrics", "metrics", get_metrics, GET=_MONITORING)


def get_live() -> Response:
    """Answer GET as long as the process answers anything."""
    return _json({"status": "live"}, 200)


def get_ready() -> Response:
    """Answer GET with the state of each part; 503 where one of them cannot be used."""
    readiness = cast("Readiness", current_application().extensions[_READINESS])
    parts = readiness.check()
    if all(each.ok for each in parts.values()):
        return _json({"status": "ready", "parts": parts}, 200)
    response = _json({"status": "not-ready", "parts": parts}, 503)
    response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return response


def get_metrics() -> Response:
    """Answer GET with the metrics of all workers, for the holder of `UPLOADS_METRICS_TOKEN`.

    Raises:
        NotFound: the token is missing or another one.
    """
    token = current_settings().metrics_token
    sent = current_request().headers.get("Authorization", "").encode()
    if token is None or not hmac.compare_digest(
        sent, f"Bearer {token.get_secret_value()}".encode()
    ):
        raise NotFound
    figures = exposition(*current_application().extensions[_FIGURES])
    return current_application().response_class(figures, content_type=CONTENT_TYPE_LATEST)


def _json(document: object, status: int) -> Response:
    response = current_application().response_class(
        msgspec.json.encode(document), status, content_type="application/json"
    )
    response.headers["Cache-Control"] = "no-store"
    return response
