"""The ASGI application that the server runs."""

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
from open_event_uploads.server.body import MemoryBudget, receive_body
from open_event_uploads.server.environ import environ_of
from open_event_uploads.server.exchange import exchange_of
from open_event_uploads.server.response import Answer, begin_answer, send_answer
from open_event_uploads.server.threads import Job, Threads

log = logging.getLogger(__name__)

# The program bounds statements, storages and decoders itself, all of them below this; a long file
# takes longer on its way to a slow storage.
_ANSWER_SECONDS = 120.0
_MIN_BYTES_A_SECOND = 1024**2

# Bodies of these types contain files, or none; any other is a file itself.
_NO_FILES = (b"application/vnd.api+json", b"application/json", b"multipart/")

_CREDENTIALS = frozenset({b"authorization", b"cookie"})

# Requests that wait for each thread: it answers so many in a few seconds.
_WAITING_FOR_EACH = 16


class Gateway:
    """Hand whole requests to an application of WSGI, and send its answers.

    Args:
        application: of WSGI.
        max_body_bytes: the longest body that any address takes. One that is longer is not
            received, nor one without a length: the application refuses both by their headers.
        threads: how many requests are worked on at once.
        anonymous_uploads: whether files are accepted from anybody. If not, the application refuses
            them by their headers, too.
        spool_folder: where the storage can keep a body that waited in a file; None for nowhere.
    """

    def __init__(
        self,
        application: Wsgi,
        *,
        max_body_bytes: int,
        threads: int,
        anonymous_uploads: bool,
        spool_folder: Path | None = None,
    ) -> None:
        self._begin = partial(begin_answer, application)
        self._max_body_bytes = max_body_bytes
        self._anonymous_uploads = anonymous_uploads
        self._spool_folder = spool_folder
        self._threads = Threads(threads, _WAITING_FOR_EACH * threads)
        # Answers go on, and refusals are sent, while all other threads are busy.
        self._reading = ThreadPoolExecutor(threads, thread_name_prefix="answer")
        self._refusing = ThreadPoolExecutor(1, thread_name_prefix="refusal")
        self._memory = MemoryBudget()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; no thread waits for a client that takes nothing of the answer.

        An answer that breaks off is incomplete: the server closes the connection before its
        announced end.
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
            body = await receive_body(length, receive, self._memory, partial(self._spool, scope))
            work = partial(self._begin, environ_of(scope, body.content))
            # The thread may still read the body after the deadline of the answer.
            future = self._threads.begin(
                Job(work, ended=body.close, drop=lambda late: late.close())
            )
            return await _in_time(future, _ANSWER_SECONDS + length / _MIN_BYTES_A_SECOND)
        except UploadsError as refusal:
            environ = environ_of(scope, io.BytesIO())
            exchange_of(environ).refusal = refusal
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._refusing, self._begin, environ)

    def _spool(self, scope: Scope) -> Spool:
        """Open a file for a long body; the storage may keep it where the body is a file itself."""
        media_type = dict(scope["headers"]).get(b"content-type", b"").lower()
        if media_type.startswith(_NO_FILES):
            return open_spool()
        return open_spool(self._spool_folder, hashed=True)

    def _length(self, scope: Scope) -> int:
        """Return how many bytes to receive: none where the application refuses the body unread."""
        fields = dict(scope["headers"])
        length = int(fields.get(b"content-length", b"0"))
        if length > self._max_body_bytes or b"transfer-encoding" in fields:
            return 0
        is_expected = self._anonymous_uploads or not _CREDENTIALS.isdisjoint(fields)
        # A shorter one may be a sign-in.
        return length if is_expected or length <= ALLOWANCE_BYTES else 0


async def _in_time(future: asyncio.Future[Answer], seconds: float) -> Answer:
    """Return the answer, if it begins in time; the thread goes on, and its answer is dropped."""
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
