"""The synchronous client."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self, TypeVar, Unpack

import httpx

from open_event_uploads_client.api import NO_FILTERS, Api, Filters, first_page
from open_event_uploads_client.attributes import Attributes
from open_event_uploads_client.files import File, Part, Progress, open_source
from open_event_uploads_client.models import DownloadLink, Policies, Session, Upload, Variant
from open_event_uploads_client.steps import Conversation, Pause, Request, Response, Steps
from open_event_uploads_client.tus import RETRY_DELAYS, Sending, cancel, named

T = TypeVar("T")

# The server answers within two minutes, or not at all.
TIMEOUT = httpx.Timeout(30, read=130)


class UploadsClient:
    """Send files to a server, and list, change and delete uploads.

    Args:
        base_url: of the server, such as `https://uploads.example.org`.
        token: to send with each request; None for a stranger, or until `sign_in`.
        http: to send requests with, if you need a proxy or certificates of your own; you close it.
        retry_delays: seconds to wait before each attempt to go on with an upload. They begin anew
            whenever bytes have arrived.

    Each method raises UploadsError if the server refuses the request, and ConnectionLost if no
    answer comes.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        *,
        http: httpx.Client | None = None,
        retry_delays: Sequence[float] = RETRY_DELAYS,
    ) -> None:
        self._api = Api(base_url, token)
        self._http = http or httpx.Client(timeout=TIMEOUT)
        self._closes_http = http is None
        self._retry_delays = retry_delays

    def upload(
        self,
        file: File,
        *,
        resume: str | None = None,
        on_begin: Callable[[str], object] | None = None,
        on_progress: Progress | None = None,
        chunk_bytes: int | None = None,
        **attributes: Unpack[Attributes],
    ) -> Upload:
        """Send a file, and go on by itself when the connection breaks.

        Args:
            file: its path, its bytes, or the file opened in binary mode.
            resume: the address of an upload of the same file that was begun before.
            on_begin: is told that address; store it to go on after a restart of the program.
            on_progress: is told how many bytes were sent, and how many there are. The number goes
                back when bytes were lost on their way.
            chunk_bytes: of one request at most, for a proxy that limits them.
            attributes: of the upload.

        Raises:
            UploadInterrupted: the connection did not come back; its `address` can be resumed.
            ValueError: what is resumed is another file.
        """
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
            return self._run(sending.steps())

    def cancel_upload(self, address: str) -> None:
        """Give up an upload that was begun, by the address that `on_begin` was told."""
        self._run(cancel(self._api, address))

    def list(
        self, *, filters: Filters = NO_FILTERS, sort: str | None = None, page_size: int = 100
    ) -> Iterator[Upload]:
        """Yield uploads, newest first; the next page is asked for when it is needed.

        Args:
            filters: by attribute, such as `{"q": "stage", "size": {"gte": 1000}}`.
            sort: the attribute to order by; with a minus, from the largest.
            page_size: uploads of one request.
        """
        query: Mapping[str, str] | None = first_page(filters, sort, page_size)
        while query:
            page = self._run(self._api.page(query))
            yield from page.uploads
            query = page.following

    def get(self, upload_id: str) -> Upload:
        """Return an upload."""
        return self._run(self._api.get(upload_id))

    def update(
        self, upload_id: str, *, if_match: str | None = None, **attributes: Unpack[Attributes]
    ) -> Upload:
        """Change attributes of an upload, and return it.

        Args:
            upload_id: of the upload.
            if_match: its `etag`; the server refuses (412) if somebody changed it meanwhile.
            attributes: to change; the others stay.
        """
        return self._run(self._api.update(upload_id, attributes, if_match))

    def replace(
        self,
        upload_id: str,
        file: File,
        *,
        filename: str | None = None,
        if_match: str | None = None,
        on_progress: Progress | None = None,
    ) -> Upload:
        """Replace the bytes of an upload, which get a new `url`, and return it.

        Args:
            upload_id: of the upload.
            file: its path, its bytes, or the file opened in binary mode.
            filename: a new name; None to keep the name.
            if_match: its `etag`; the server refuses (412) if somebody changed it meanwhile.
            on_progress: is told how many bytes were sent, and how many there are.
        """
        with open_source(file) as source:
            part = Part(source, 0, source.size, on_progress)
            return self._run(self._api.replace(upload_id, part, filename, if_match))

    def delete(self, upload_id: str, *, if_match: str | None = None) -> None:
        """Delete an upload; with `if_match` only if nobody changed it meanwhile."""
        self._run(self._api.delete(upload_id, if_match))

    def variants(self, upload_id: str) -> Sequence[Variant]:
        """Return the smaller copies of an image."""
        return self._run(self._api.variants(upload_id))

    def download_link(self, upload_id: str, *, expires_in: int | None = None) -> DownloadLink:
        """Return an address that opens a private file, for so many seconds."""
        return self._run(self._api.download_link(upload_id, expires_in))

    def policies(self) -> Policies:
        """Return the limits of the server."""
        return self._run(self._api.policies())

    def sign_in(self, email: str, password: str, *, device_token: str | None = None) -> Session:
        """Sign in, and send the session's token with the next requests.

        Args:
            email: of the user.
            password: of the user.
            device_token: of the last session here, so that strangers who guess lock nobody out.
        """
        return self._run(self._api.sign_in(email, password, device_token))

    def close(self) -> None:
        """Close the connections."""
        if self._closes_http:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self, steps: Steps[T]) -> T:
        """Carry out the steps of an operation."""
        talk = Conversation(steps)
        while step := talk.step:
            try:
                answer = self._carry_out(step)
            except httpx.RequestError as error:
                talk.lose(error)
            else:
                talk.answer(answer)
        return talk.result

    def _carry_out(self, step: Request | Pause) -> Response | None:
        if isinstance(step, Pause):
            time.sleep(step.seconds)
            return None
        content = _blocks(step.content) if isinstance(step.content, Part) else step.content
        found = self._http.request(step.method, step.url, headers=step.headers, content=content)
        return Response(found.status_code, dict(found.headers), found.content)


def _blocks(part: Part) -> Iterator[bytes]:
    while block := part.read():
        yield block
        part.advance(len(block))
