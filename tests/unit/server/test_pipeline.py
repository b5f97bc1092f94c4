"""The pipeline adds the same to every answer, whichever handler gives it."""

import io
import logging
from collections.abc import Callable, Iterable
from typing import Any

from open_event_uploads.server.exchange import exchange_of
from open_event_uploads.server.headers import AnswerHeaders
from open_event_uploads.server.logs import EventLog, RequestLog
from open_event_uploads.server.pipeline import Pipeline

Start = Callable[..., Any]


class Sent:
    """A pipeline with one handler, which takes `/quick` alone, and an application after it."""

    def __init__(self, status: str = "200 OK", *, logs: bool = True) -> None:
        self.lines = io.StringIO()
        self._status, self._logs = status, logs
        log = EventLog(logging.StreamHandler(self.lines), "json")
        headers = AnswerHeaders(frozenset({"https://a.example"}))
        self._pipeline = Pipeline([self._handle], self._answer, headers, RequestLog(log, sample=1))

    def ask(self, path: str) -> tuple[dict[str, str], bytes]:
        found: list[tuple[str, str]] = []
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": ""}
        parts = self._pipeline(environ, lambda _, headers: found.extend(headers))
        return dict(found), b"".join(parts)

    def _handle(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes] | None:
        if environ["PATH_INFO"] != "/media/quick":
            return None
        return self._answer(environ, start_response)

    def _answer(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        exchange_of(environ).logs = self._logs
        start_response(self._status, [("Content-Length", "2"), ("Cache-Control", "no-store")])
        return [environ["PATH_INFO"][-2:].encode()]


def test_each_handler_answers_its_own_and_all_say_the_same() -> None:
    sent = Sent()
    (quick, first), (other, second) = sent.ask("/media/quick"), sent.ask("/media/slow")
    assert (first, second) == (b"ck", b"ow")
    assert quick.pop("X-Request-Id") != other.pop("X-Request-Id")
    assert quick == other
    assert {"X-Content-Type-Options", "Content-Security-Policy", "Vary"} <= quick.keys()


def test_a_header_that_a_handler_sets_stays() -> None:
    assert Sent().ask("/media/quick")[0]["Cache-Control"] == "no-store"


def test_a_line_names_the_request_and_of_health_checks_only_failures_have_one() -> None:
    sent = Sent()
    headers, _ = sent.ask("/media/quick")
    assert headers["X-Request-Id"] in sent.lines.getvalue()
    quiet = Sent(logs=False)
    quiet.ask("/media/quick")
    assert quiet.lines.getvalue() == ""
    failing = Sent("503 SERVICE UNAVAILABLE", logs=False)
    failing.ask("/media/slow")
    assert '"status": 503' in failing.lines.getvalue()
