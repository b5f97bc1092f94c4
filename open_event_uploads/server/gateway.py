"""The application of ASGI that the server runs."""

import asyncio
import io
import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from open_event_uploads.errors import AnswerTimeout, UploadsError
from open_event_uploads.imaging.spool import Spool, open_spool
from open_event_uploads.jsonapi.body import ALLOWANCE_BYTES
from open_event_uploads.server.asgi import Receive, Scope, Send, Wsgi
from open_event_uploads.server.body import Room, receive_body
from open_event_uploads.server.environ import environ_of
from open_event_uploads.server.refusals import REFUSAL
from open_event_uploads.server.response import Answer, begin_answer, send_answer
from open_event_uploads.server.threads import Job, Threads

log = logging.getLogger(__name__)

# The longest that anything takes which the program itself bounds (statements, storages, decoders),
# and what a long file takes on its way to a slow storage.
_ANSWER_SECONDS = 120.0
_MIN_BYTES_A_SECOND = 1024**2

# Bodies of these types have files in them, or none; any other is a file itself.
_NO_FILES = (b"application/vnd.api+json", b"application/json", b"multipart/")

_CREDENTIALS = frozenset({b"authorization", b"cookie"})

# Requests that wait for each thread: what it does in some seconds.
_WAITING_FOR_EACH = 16


class Front:
    """Hands whole requests to an application of WSGI, and sends what it answers.

    Args:
        application: of WSGI.
        max_body_bytes: the longest body that any address takes. One that is longer is not
            received, nor one without a length: the application refuses both by their headers.
        threads: how many requests are worked on at once.
        strangers_send: whether files are taken from whoever says nothing of who they are. Else
            the application refuses them by the head, too.
        spool_folder: where the storage can keep a body that waited in a file; None for nowhere.
    """

    def __init__(
        self,
        application: Wsgi,
        *,
        max_body_bytes: int,
        threads: int,
        strangers_send: bool,
        spool_folder: Path | None = None,
    ) -> None:
        self._begin = partial(begin_answer, application)
        self._max_body_bytes = max_body_bytes
        self._strangers_send = strangers_send
        self._spool_folder = spool_folder
        self._threads = Threads(threads, _WAITING_FOR_EACH * threads)
        # What has begun goes on, and what is refused is answered, whatever the others wait for.
        self._reading = ThreadPoolExecutor(threads, thread_name_prefix="answer")
        self._refusing = ThreadPoolExecutor(1, thread_name_prefix="refusal")
        self._room = Room()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; nobody waits who takes nothing of the answer.

        What breaks off is not complete: the server closes the connection before the announced end.
        """
        try:
            answer = await self._answer(scope, receive)
            await send_answer(answer, send, receive, self._reading)
        except TimeoutError:
            return
        except (UploadsError, OSError) as error:
            log.warning("an answer broke off: %s", error.__cause__ or error)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        length = self._length(scope)
        try:
            body = await receive_body(length, receive, self._room, partial(self._spool, scope))
            work = partial(self._begin, environ_of(scope, body.content))
            # A thread may go on to read it when nobody waits for the answer any more.
            future = self._threads.begin(Job(work, ended=body.close, drop=_close))
            return await _in_time(future, _ANSWER_SECONDS + length / _MIN_BYTES_A_SECOND)
        except UploadsError as refusal:
            environ = {**environ_of(scope, io.BytesIO()), REFUSAL: refusal}
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._refusing, self._begin, environ)

    def _spool(self, scope: Scope) -> Spool:
        """Where a long body waits; one that is a file itself may stay there for good."""
        media_type = dict(scope["headers"]).get(b"content-type", b"").lower()
        if media_type.startswith(_NO_FILES):
            return open_spool()
        return open_spool(self._spool_folder, hashed=True)

    def _length(self, scope: Scope) -> int:
        """How much is received: nothing of what the application refuses unread."""
        fields = dict(scope["headers"])
        length = int(fields.get(b"content-length", b"0"))
        if length > self._max_body_bytes or b"transfer-encoding" in fields:
            return 0
        is_known = self._strangers_send or not _CREDENTIALS.isdisjoint(fields)
        # What is shorter may be a sign-in.
        return length if is_known or length <= ALLOWANCE_BYTES else 0


async def _in_time(future: asyncio.Future[Answer], seconds: float) -> Answer:
    """An answer, if it begins in time; a thread cannot be stopped, but nobody waits for it."""
    timer = future.get_loop().call_later(seconds, _give_up, future, seconds)
    try:
        return await future
    finally:
        timer.cancel()


def _give_up(future: asyncio.Future[Answer], seconds: float) -> None:
    if not future.done():
        future.set_exception(
            AnswerTimeout(
                f"No answer in {seconds:.0f} seconds; it may still be done.",
                headers={"Retry-After": "30"},
            )
        )


def _close(answer: Answer) -> None:
    answer.close()
