"""What goes through to the application, and what comes back."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.errors import Overloaded
from open_event_uploads.jsonapi.body import ALLOWANCE_BYTES
from open_event_uploads.server import body, threads
from open_event_uploads.server import gateway as application
from open_event_uploads.server import response as answer
from open_event_uploads.server.exchange import exchange_of
from open_event_uploads.server.gateway import Gateway
from tests.unit.server.test_body import Client, silent
from tests.unit.server.test_environ import scope


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


def gateway_of(
    parts: Iterable[bytes], headers: Iterable[tuple[str, str]] = (), **options: int
) -> Gateway:
    def wsgi(_: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", list(headers))
        return parts

    given: dict[str, Any] = {"max_body_bytes": 100, "threads": 2, "anonymous_uploads": True}
    return Gateway(wsgi, **(given | options))


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


@pytest.mark.parametrize(
    "headers",
    [[(b"content-length", b"101")], [(b"transfer-encoding", b"chunked")]],
    ids=["too long", "in chunks"],
)
def test_what_no_address_takes_is_not_received(headers: list[tuple[bytes, bytes]]) -> None:
    def unreadable() -> dict[str, Any]:
        raise AssertionError

    gateway = gateway_of([b"no"], [("Content-Length", "2")])
    assert ask(gateway, unreadable, method="POST", headers=headers) == (200, b"no")


@pytest.mark.parametrize(
    ("fields", "length", "received"),
    [
        ([], ALLOWANCE_BYTES, True),
        ([], ALLOWANCE_BYTES + 1, False),
        ([(b"authorization", b"Bearer x")], ALLOWANCE_BYTES + 1, True),
        ([(b"cookie", b"session=x")], ALLOWANCE_BYTES + 1, True),
    ],
    ids=["a sign-in", "a stranger's file", "a token's", "a page's"],
)
def test_a_strangers_file_is_not_received(
    fields: list[tuple[bytes, bytes]], length: int, *, received: bool
) -> None:
    gateway = gateway_of(
        [b"no"], [("Content-Length", "2")], max_body_bytes=10**6, anonymous_uploads=False
    )
    asked = []

    async def client() -> dict[str, Any]:
        asked.append(1)
        return {"type": "http.request", "body": b"x" * length, "more_body": False}

    headers = [(b"content-length", b"%d" % length), *fields]
    assert ask(gateway, client, method="POST", headers=headers) == (200, b"no")
    assert bool(asked) is received


def refusals(work: Callable[[], None], **options: int) -> Gateway:
    """Answers with the code of what is refused, and else works."""

    def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        refusal = exchange_of(environ).refusal
        if refusal is None:
            work()
        start_response("200 OK", [])
        return [refusal.code.encode() if refusal else b"done"]

    given: dict[str, Any] = {"max_body_bytes": 100, "threads": 1, "anonymous_uploads": True}
    return Gateway(wsgi, **(given | options))


def test_the_application_says_what_was_refused_before_it() -> None:
    headers = [(b"content-length", b"5")]
    gateway = refusals(lambda: None)
    assert ask(gateway, Client([b"abc"]), headers=headers) == (200, b"body-length-mismatch")


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


def test_what_waited_too_long_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_WAIT_SECONDS", -1.0)

    async def run() -> bool:
        pool = threads.Threads(1, 1)
        with pytest.raises(Overloaded):
            await pool.begin(threads.Job(done.set, ended=ended.set, drop=lambda _: None))
        return True

    done, ended = threading.Event(), threading.Event()
    assert asyncio.run(run())
    assert ended.is_set()
    assert not done.is_set()


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

        gateway = Gateway(wsgi, max_body_bytes=100, threads=1, anonymous_uploads=True)
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


@pytest.mark.parametrize(
    ("media_type", "kept"), [(b"image/png", True), (b"Application/JSON", False), (b"", True)]
)
def test_a_long_body_that_is_a_file_waits_where_it_can_stay(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, media_type: bytes, *, kept: bool
) -> None:
    monkeypatch.setattr(body, "_IN_MEMORY_BYTES", 3)
    found = []

    def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        spool = environ["wsgi.input"]
        place = Path(f"/proc/self/fd/{spool.fileno()}").readlink()
        found.append((place.parent == tmp_path, spool.digest is not None, spool.read()))
        start_response("200 OK", [])
        return [b"x"]

    gateway = Gateway(
        wsgi, max_body_bytes=100, threads=2, anonymous_uploads=True, spool_folder=tmp_path
    )
    parts = iter([{"type": "http.request", "body": b"longer", "more_body": False}])

    async def client() -> dict[str, Any]:
        if part := next(parts, None):
            return part
        await asyncio.sleep(3600)
        return {}

    fields = [(b"content-length", b"6"), (b"content-type", media_type)]
    assert ask(gateway, client, method="POST", headers=fields) == (200, b"x")
    assert found == [(kept, kept, b"longer")]
