"""What goes through to the application, and what comes back."""

import asyncio
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar, copy_context
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.errors import Overloaded
from open_event_uploads.imaging.spool import Receiver, Spool, open_spool
from open_event_uploads.jsonapi.expected_body import ExpectedBody
from open_event_uploads.server import arriving_body, body, thread_pool
from open_event_uploads.server import gateway as application
from open_event_uploads.server import response as answer
from open_event_uploads.server.exchange import exchange_of
from open_event_uploads.server.gateway import Gateway
from open_event_uploads.server.paused_request import PausedRequest, Steps
from tests.unit.server.test_body import Client, silent, wait_until
from tests.unit.server.test_environ import scope


@pytest.fixture(scope="module", autouse=True)
def _short_bodies_come_along() -> Iterator[None]:
    """Wait longer than usual for what comes with a head: a busy machine may bring it late."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arriving_body, "_TAKEN_ALONG_SECONDS", 10.0)
        yield


class Parts:
    """A body of WSGI that knows whether it was closed.

    Args:
        parts: of it.
    """

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = iter(parts)
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        return self._parts

    def close(self) -> None:
        self.closed += 1


def gateway_of(parts: Iterable[bytes], headers: Iterable[tuple[str, str]] = ()) -> Gateway:
    def wsgi(_: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", list(headers))
        return parts

    return Gateway(wsgi, threads=2)


def ask(gateway: Gateway, client: Any = None, **changes: object) -> tuple[int, bytes]:  # noqa: ANN401 - ASGI's
    sent: list[dict[str, Any]] = []

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    ends = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def wait() -> dict[str, Any]:
        if end := next(ends, None):
            return end
        await asyncio.sleep(3600)
        return {}

    asyncio.run(gateway(scope(**changes), client or wait, send))
    assert [each["type"] for each in sent[:1]] == ["http.response.start"]
    assert [each["more_body"] for each in sent[1:]] == [True] * (len(sent) - 2) + [False]
    return sent[0]["status"], b"".join(each["body"] for each in sent[1:])


@given(st.lists(st.binary(min_size=1, max_size=9)), st.booleans())
def test_every_part_is_sent_and_the_body_closed_once(parts: list[bytes], says_length: bool) -> None:  # noqa: FBT001 - drawn
    whole = b"".join(parts)
    headers = [("Content-Length", str(len(whole)))] if says_length else []
    body = Parts(parts)
    assert ask(gateway_of(body, headers)) == (200, whole)
    assert body.closed == 1


def test_a_body_is_closed_whose_reader_has_gone() -> None:
    body = Parts(iter(lambda: b"x", b""))
    sent = []

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)
        await asyncio.sleep(0)

    asyncio.run(gateway_of(body)(scope(), Client([]), send))
    assert len(sent) < 100
    assert body.closed == 1


def test_whoever_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "_STALLED_SECONDS", 0.05)
    body = Parts(iter(lambda: b"x", b""))

    async def send(event: dict[str, Any]) -> None:
        if event["type"] == "http.response.body":
            await asyncio.sleep(3600)

    async def wait() -> dict[str, Any]:
        await asyncio.sleep(3600)
        return {}

    asyncio.run(gateway_of(body)(scope(), wait, send))
    assert body.closed == 1


class Judge:
    """An application that answers by the head, or awaits the body and answers with that.

    Args:
        accepts: whether it awaits the body.
        make_receiver: for a body that is too long for memory.
    """

    def __init__(
        self, *, accepts: bool, make_receiver: Callable[[], Receiver] = open_spool
    ) -> None:
        self._accepts = accepts
        self._make_receiver = make_receiver
        self.closed = 0
        self.heads = 0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if not exchange_of(environ).awaits_body:
            refusal = exchange_of(environ).refusal
            return _whole(
                start, "200", refusal.code.encode() if refusal else environ["wsgi.input"].read()
            )
        steps = self._steps(start)
        context = copy_context()
        try:
            expected = context.run(next, steps)
        except StopIteration as end:
            answer: Iterable[bytes] = end.value
            return answer
        exchange_of(environ).paused = PausedRequest(steps, context, expected)
        return ()

    def _steps(self, start: Callable[..., Any]) -> Steps:
        self.heads += 1
        token = _VARIABLE.set("head")
        try:
            if not self._accepts:
                return _whole(start, "401", b"no")
            body: Any = yield ExpectedBody(None, 2 * LONG, self._make_receiver)
            return _whole(start, "201", _VARIABLE.get().encode() + b" " + body.read())
        finally:
            # Raises in any other context than that of the head.
            _VARIABLE.reset(token)
            self.closed += 1


def _whole(start: Callable[..., Any], status: str, body: bytes) -> list[bytes]:
    start(status, [("Content-Length", str(len(body)))])
    return [body]


_VARIABLE = ContextVar[str]("_VARIABLE")
LONG = 1024**2 + 1
EXPECT = (b"expect", b"100-continue")


async def served(
    judge: Judge, parts: list[bytes], length: int, *fields: tuple[bytes, bytes]
) -> list[str]:
    """Return what was done on the wire, in its order."""
    done = []

    async def receive() -> dict[str, Any]:
        done.append("receive")
        if not parts:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(event: dict[str, Any]) -> None:
        if event["type"] == "http.response.start":
            fields = dict(event["headers"])
            done.append(f"{event['status']} {fields.get(b'connection', b'').decode()}".rstrip())
        else:
            done.append(event["body"].decode()[:8])

    headers = [(b"content-length", b"%d" % length), *fields]
    await Gateway(judge, threads=2)(scope(method="POST", headers=headers), receive, send)
    return [each for each in done if each]


@pytest.mark.parametrize(("length", "fields"), [(LONG, []), (3, [EXPECT])], ids=["long", "asks"])
def test_a_refused_body_is_not_received_before_the_answer(
    length: int, fields: list[tuple[bytes, bytes]]
) -> None:
    judge = Judge(accepts=False)
    done = asyncio.run(served(judge, [b"x" * length], length, *fields))
    assert done == ["401 close", "no", "receive"]
    assert judge.heads == judge.closed == 1


@pytest.mark.parametrize(("length", "fields"), [(LONG, []), (3, [EXPECT])], ids=["long", "asks"])
def test_an_accepted_body_is_received_once_the_head_was_checked(
    length: int, fields: list[tuple[bytes, bytes]]
) -> None:
    judge = Judge(accepts=True)
    done = asyncio.run(served(judge, [b"x" * length], length, *fields))
    assert done == ["receive", "201", "head xxx"]
    assert judge.heads == judge.closed == 1


def test_a_short_body_that_comes_with_its_head_is_taken_along() -> None:
    judge = Judge(accepts=True)
    assert asyncio.run(served(judge, [b"abc"], 3)) == ["receive", "200", "abc"]
    assert judge.heads == 0


@pytest.mark.parametrize("length", [5, LONG], ids=["short", "long"])
def test_a_client_that_goes_before_its_body_leaves_nothing(length: int) -> None:
    judge = Judge(accepts=True)
    done = asyncio.run(served(judge, [b"abc"], length))
    assert done == ["receive", "receive", "200", "body-len"]
    assert judge.heads == judge.closed == 1


def test_a_queue_that_is_full_refuses_a_request_between_head_and_body(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judge, begin, begun = Judge(accepts=True), thread_pool.ThreadPool.begin, []

    def once(self: Any, work: Any, *, ended: Any, drop: Any) -> Any:  # noqa: ANN401 - as of `begin`
        begun.append(work)
        if len(begun) > 1:
            ended()
            raise Overloaded
        return begin(self, work, ended=ended, drop=drop)

    monkeypatch.setattr(thread_pool.ThreadPool, "begin", once)
    done = asyncio.run(served(judge, [b"x" * LONG], LONG))
    assert done == ["receive", "200", "overload"]
    assert judge.heads == judge.closed == 1


def refusals(work: Callable[[], None]) -> Gateway:
    """Answers with the code of what is refused, and else works."""

    def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        refusal = exchange_of(environ).refusal
        if refusal is None:
            work()
        start_response("200 OK", [])
        return [refusal.code.encode() if refusal else b"done"]

    return Gateway(wsgi, threads=1)


def test_nobody_waits_for_an_answer_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "_ANSWER_SECONDS", 0.05)
    over = threading.Event()
    gateway = refusals(lambda: assert_waits(over))
    try:
        assert ask(gateway) == (200, b"answer-timeout")
    finally:
        over.set()


def test_a_queue_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "_WAITING_FOR_EACH", 1)
    over = threading.Event()

    async def three() -> list[tuple[int, bytes]]:
        gateway = refusals(lambda: assert_waits(over))
        tasks = []
        for _ in range(3):
            tasks.append(asyncio.ensure_future(asyncio.to_thread(ask, gateway)))
            await asyncio.sleep(0.1)
        over.set()
        return await asyncio.gather(*tasks)

    assert [body for _, body in asyncio.run(three())] == [b"done", b"done", b"overloaded"]


def test_what_nobody_waits_for_any_more_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "_ANSWER_SECONDS", 0.05)
    over, body = threading.Event(), Parts([b"late"])

    def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        if exchange_of(environ).refusal:
            return [b"answer-timeout"]
        assert_waits(over)
        return body

    loop = asyncio.new_event_loop()
    try:
        sent: list[dict[str, Any]] = []

        async def send(event: dict[str, Any]) -> None:
            sent.append(event)

        gateway = Gateway(wsgi, threads=1)
        loop.run_until_complete(gateway(scope(), silent, send))
        assert sent[1]["body"] == b"answer-timeout"
        over.set()
        while not body.closed:
            loop.run_until_complete(asyncio.sleep(0.01))
    finally:
        loop.close()
    assert body.closed == 1


def assert_waits(over: threading.Event) -> None:
    assert over.wait(10)


def test_a_body_too_long_for_memory_is_given_to_what_its_request_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(body, "_IN_MEMORY_BYTES", 3)
    made = []

    def make_receiver() -> Spool:
        made.append(open_spool(tmp_path))
        return made[-1]

    judge = Judge(accepts=True, make_receiver=make_receiver)
    done = asyncio.run(served(judge, [b"lon", b"ger"], 6, EXPECT))
    assert done == ["receive", "receive", "201", "head lon"]
    wait_until(lambda: [each.closed for each in made] == [True])


def test_no_other_request_waits_while_a_receiver_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(body, "_IN_MEMORY_BYTES", 3)
    closed_in = []

    class Slow(Spool):
        def close(self) -> None:
            if not self.closed:
                closed_in.append(threading.current_thread())
            super().close()

    def make_receiver() -> Spool:
        with open_spool() as spool:
            return Slow(os.dup(spool.fileno()))

    judge = Judge(accepts=True, make_receiver=make_receiver)
    asyncio.run(served(judge, [b"lon", b"ger"], 6, EXPECT))
    wait_until(lambda: bool(closed_in))
    assert closed_in != [threading.main_thread()]
