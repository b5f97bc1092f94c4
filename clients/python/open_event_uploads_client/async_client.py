"""The asynchronous client, for asyncio and Trio."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from types import TracebackType
from typing import Self, TypeVar, Unpack

import anyio
import anyio.to_thread
import httpx

from open_event_uploads_client.api import NO_FILTERS, Api, Filters, first_page
from open_event_uploads_client.attributes import Attributes
from open_event_uploads_client.client import TIMEOUT
from open_event_uploads_client.files import File, Part, Progress, open_source
from open_event_uploads_client.models import DownloadLink, Policies, Session, Upload, Variant
from open_event_uploads_client.steps import Conversation, Pause, Request, Response, Steps
from open_event_uploads_client.tus import RETRY_DELAYS, Sending, cancel, named

T = TypeVar("T")


class AsyncUploadsClient:
    """Send files to a server, and list, change and delete uploads, without blocking.

    The arguments, methods and errors are those of `UploadsClient`. `on_begin` and `on_progress`
    are plain functions, called in the event loop.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        *,
        http: httpx.AsyncClient | None = None,
        retry_delays: Sequence[float] = RETRY_DELAYS,
    ) -> None:
        self._api = Api(base_url, token)
        self._http = http or httpx.AsyncClient(timeout=TIMEOUT)
        self._closes_http = http is None
        self._retry_delays = retry_delays

    async def upload(
        self,
        file: File,
        *,
        resume: str | None = None,
        on_begin: Callable[[str], object] | None = None,
        on_progress: Progress | None = None,
        chunk_bytes: int | None = None,
        **attributes: Unpack[Attributes],
    ) -> Upload:
        """Send a file, and go on by itself when the connection breaks."""
        with open_source(file) as source:
            sending = Sending(
                self._api,
                source,
                named(attributes, source),
                resume,
                on_begin,
                on_progress,
                chunk_bytes,
                self._retry_delays,
            )
            return await self._run(sending.steps())

    async def cancel_upload(self, address: str) -> None:
        """Give up an upload that was begun, by the address that `on_begin` was told."""
        await self._run(cancel(self._api, address))

    async def list(
        self, *, filters: Filters = NO_FILTERS, sort: str | None = None, page_size: int = 100
    ) -> AsyncIterator[Upload]:
        """Yield uploads, newest first; the next page is asked for when it is needed."""
        query: Mapping[str, str] | None = first_page(filters, sort, page_size)
        while query:
            page = await self._run(self._api.page(query))
            for each in page.uploads:
                yield each
            query = page.following

    async def get(self, upload_id: str) -> Upload:
        """Return an upload."""
        return await self._run(self._api.get(upload_id))

    async def update(
        self, upload_id: str, *, if_match: str | None = None, **attributes: Unpack[Attributes]
    ) -> Upload:
        """Change attributes of an upload, and return it."""
        return await self._run(self._api.update(upload_id, attributes, if_match))

    async def replace(
        self,
        upload_id: str,
        file: File,
        *,
        filename: str | None = None,
        if_match: str | None = None,
        on_progress: Progress | None = None,
    ) -> Upload:
        """Replace the bytes of an upload, which get a new `url`, and return it."""
        with open_source(file) as source:
            part = Part(source, 0, source.size, on_progress)
            return await self._run(self._api.replace(upload_id, part, filename, if_match))

    async def delete(self, upload_id: str, *, if_match: str | None = None) -> None:
        """Delete an upload; with `if_match` only if nobody changed it meanwhile."""
        await self._run(self._api.delete(upload_id, if_match))

    async def variants(self, upload_id: str) -> Sequence[Variant]:
        """Return the smaller copies of an image."""
        return await self._run(self._api.variants(upload_id))

    async def download_link(self, upload_id: str, *, expires_in: int | None = None) -> DownloadLink:
        """Return an address that opens a private file, for so many seconds."""
        return await self._run(self._api.download_link(upload_id, expires_in))

    async def policies(self) -> Policies:
        """Return the limits of the server."""
        return await self._run(self._api.policies())

    async def sign_in(
        self, email: str, password: str, *, device_token: str | None = None
    ) -> Session:
        """Sign in, and send the session's token with the next requests."""
        return await self._run(self._api.sign_in(email, password, device_token))

    async def aclose(self) -> None:
        """Close the connections."""
        if self._closes_http:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def _run(self, steps: Steps[T]) -> T:
        """Carry out the steps of an operation."""
        talk = Conversation(steps)
        while step := talk.step:
            try:
                answer = await self._carry_out(step)
            except httpx.RequestError as error:
                talk.lose(error)
            else:
                talk.answer(answer)
        return talk.result

    async def _carry_out(self, step: Request | Pause) -> Response | None:
        if isinstance(step, Pause):
            await anyio.sleep(step.seconds)
            return None
        if isinstance(step.content, Part):
            request = self._http.build_request(step.method, step.url, headers=step.headers)
            request.stream = _Blocks(step.content)
        else:
            request = self._http.build_request(
                step.method, step.url, headers=step.headers, content=step.content
            )
        found = await self._http.send(request)
        return Response(found.status_code, dict(found.headers), found.content)


class _Blocks(httpx.AsyncByteStream):
    """Read a part of a file in a thread; progress is told in the event loop's own.

    No generator, which nobody would close when the connection breaks.

    Args:
        part: to read.
    """

    def __init__(self, part: Part) -> None:
        self._part = part
        self._handed = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._handed:
            self._part.advance(self._handed)
        block = await anyio.to_thread.run_sync(self._part.read)
        self._handed = len(block)
        if not block:
            raise StopAsyncIteration
        return block
