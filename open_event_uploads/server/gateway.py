"""The ASGI application that the server runs."""

import asyncio
import io
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from open_event_uploads.errors import AnswerTimeout, UploadsError
from open_event_uploads.server.arriving_body import ArrivingBody
from open_event_uploads.server.asgi import Receive, Scope, Send, Wsgi
from open_event_uploads.server.body import MemoryBudget
from open_event_uploads.server.environ import environ_of
from open_event_uploads.server.exchange import exchange_of
from open_event_uploads.server.response import Answer, PausedAnswer, begin_answer, send_answer
from open_event_uploads.server.thread_pool import ThreadPool

log = logging.getLogger(__name__)

Begun = TypeVar("Begun", bound=Answer | PausedAnswer)

# The program bounds statements, storages and decoders itself, all of them below this; a long file
# takes longer on its way to a slow storage.
_ANSWER_SECONDS = 120.0
_MIN_BYTES_A_SECOND = 1024**2

# Requests that wait for each thread: it answers so many in a few seconds.
_WAITING_FOR_EACH = 16


class Gateway:
    """Hand requests to an application of WSGI, and send its answers.

    The application checks the head of a request before its body is received, unless that has come
    with the head. It then sets `Exchange.paused`.

    Args:
        application: of WSGI.
        threads: how many requests may be under way in threads, those that are blocked included.
    """

    def __init__(self, application: Wsgi, *, threads: int) -> None:
        self._begin = partial(begin_answer, application)
        self._threads = ThreadPool(threads, _WAITING_FOR_EACH * threads)
        # Bodies come, answers go on, and refusals are sent, while all other threads are busy.
        self._receiving = ThreadPoolExecutor(threads, thread_name_prefix="body")
        self._reading = ThreadPoolExecutor(threads, thread_name_prefix="answer")
        self._refusing = ThreadPoolExecutor(1, thread_name_prefix="refusal")
        self._memory = MemoryBudget()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; no thread waits for a client that sends or takes nothing.

        An answer that breaks off is incomplete: the server closes the connection before its
        announced end.
        """
        body = ArrivingBody(scope["headers"], receive, self._memory, self._receiving)
        try:
            answer = await self._answer(scope, body)
            body.add_fields(answer.headers)
            await send_answer(answer, send, receive, self._reading)
            if not body.is_over:
                await body.discard()
        except TimeoutError:
            return
        except (UploadsError, OSError) as error:
            log.warning("an answer broke off: %s", error.__cause__ or error)
        finally:
            if not body.is_over:
                await body.close()

    async def _answer(self, scope: Scope, arriving: ArrivingBody) -> Answer:
        try:
            body = await arriving.take_along()
            if body is None:
                return await self._answer_head(scope, arriving)
            environ = environ_of(scope, body.content)
            exchange_of(environ).body_bytes = body.length
            work = partial(self._begin, environ)
            answer = await self._run(work, partial(body.close, self._receiving))
        except UploadsError as refusal:
            environ = environ_of(scope, io.BytesIO())
            exchange_of(environ).refusal = refusal
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._refusing, self._begin, environ)
        assert isinstance(answer, Answer)  # noqa: S101 - only what awaits its body pauses
        return answer

    async def _answer_head(self, scope: Scope, arriving: ArrivingBody) -> Answer:
        """Answer a request by its head, or receive its body and then answer it."""
        environ = environ_of(scope, io.BytesIO())
        exchange = exchange_of(environ)
        exchange.awaits_body = True
        paused = await self._run(partial(self._begin, environ), _nothing)
        if isinstance(paused, Answer):
            return paused
        awaited = time.perf_counter()
        try:
            body = await arriving.receive(paused.request.expected)
        except BaseException:
            paused.close()
            raise
        exchange.awaits_body, exchange.body_bytes = False, body.length
        exchange.started += time.perf_counter() - awaited

        def ended() -> None:
            try:
                paused.close()
            finally:  # else its memory would be missed until the worker ends
                body.close(self._receiving)

        work = partial(paused.begin, body.content)
        return await self._run(work, ended, body.length / _MIN_BYTES_A_SECOND)

    async def _run(
        self, work: Callable[[], Begun], ended: Callable[[], None], more_seconds: float = 0.0
    ) -> Begun:
        """Do work in a thread, in time; the thread goes on if it takes longer.

        Args:
            work: begins an answer.
            ended: called once no thread is at work on it any more.
            more_seconds: that it may take.
        """
        future = self._threads.begin(work, ended=ended, drop=_close)
        return await _in_time(future, _ANSWER_SECONDS + more_seconds)


async def _in_time(future: asyncio.Future[Begun], seconds: float) -> Begun:
    """Return the answer, if it begins in time; the thread goes on, and its answer is dropped."""
    timer = future.get_loop().call_later(seconds, _give_up, future, seconds)
    try:
        return await future
    finally:
        timer.cancel()


def _give_up(future: asyncio.Future[Any], seconds: float) -> None:
    if not future.done():
        future.set_exception(
            AnswerTimeout(
                f"No answer in {seconds:.0f} seconds; it may still be done.",
                headers={"Retry-After": "30"},
            )
        )


def _close(late: Answer | PausedAnswer) -> None:
    late.close()


def _nothing() -> None:
    """Do nothing: the request has nothing yet that must be closed."""
