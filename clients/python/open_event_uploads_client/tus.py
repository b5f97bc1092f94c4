"""Send a file by tus 1.0, and go on after whatever broke off, as steps.

https://tus.io/protocols/resumable-upload
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from open_event_uploads_client.api import (
    Api,
    address_in,
    last_segment,
    number_in,
    unexpected,
    upload_of,
)
from open_event_uploads_client.attributes import to_metadata
from open_event_uploads_client.errors import (
    ConnectionLost,
    UploadInterrupted,
    UploadsError,
)
from open_event_uploads_client.files import Part, Progress, Source
from open_event_uploads_client.models import Upload
from open_event_uploads_client.steps import Pause, Response, Steps

_PATH = "uploads/resumable"
_VERSION = {"Tus-Resumable": "1.0.0"}
RETRY_DELAYS = (0.5, 1, 2, 4, 8, 15, 30)
_OK, _CREATED = 200, 201
# Whoever waits for longer had better know.
_MAX_WAIT_SECONDS = 3600
# The server's state differs from ours, or it cannot answer now: ask it for the offset, and go on.
_PASSING = {408, 409, 423, 429, 502, 503, 504, 507}


@dataclass(slots=True)
class Sending:
    """A file on its way.

    Args:
        api: of the server.
        source: the file.
        attributes: of the upload.
        resume: the address of an upload that was begun before; None to begin one.
        on_begin: is told the address of the upload, once.
        on_progress: is told how many bytes were sent, and how many there are.
        chunk_bytes: of one request at most; None for any number.
        retry_delays: seconds to wait before each attempt after one that brought nothing.
    """

    api: Api
    source: Source
    attributes: Mapping[str, Any]
    resume: str | None = None
    on_begin: Callable[[str], object] | None = None
    on_progress: Progress | None = None
    chunk_bytes: int | None = None
    retry_delays: Sequence[float] = ()
    _address: str | None = field(init=False)
    _offset: int | None = field(init=False, default=None)
    _durable: int = field(init=False, default=0)
    _delays: Iterator[float] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with the address that is known, and with every delay."""
        self._address = self.resume
        self._delays = iter(self.retry_delays)

    def steps(self) -> Steps[Upload]:
        """Send the file to its end, and return the upload.

        Raises:
            UploadsError: the server refuses it.
            UploadInterrupted: every attempt failed, or the server asks to wait for more than an
                hour; it can go on later.
            ConnectionLost: it could not even begin.
            ValueError: it is not the file that was begun.
        """
        while True:
            try:
                upload = yield from self._go_on()
            except (ConnectionLost, UploadsError) as error:
                yield from self._wait(error)
            else:
                if upload:
                    return upload

    def _go_on(self) -> Steps[Upload | None]:
        """Do what comes next; return the upload once it is finished."""
        if self._address is None:
            yield from self._begin()
            return None
        if self._offset is None:
            return (yield from self._find_offset(self._address))
        return (yield from self._append(self._address, self._offset))

    def _begin(self) -> Steps[None]:
        headers = {**_VERSION, "Upload-Length": str(self.source.size)}
        if metadata := to_metadata(self.attributes):
            headers["Upload-Metadata"] = metadata
        response = yield from self.api.call(self.api.request("POST", _PATH, headers))
        self._address, self._offset = address_in(response, "location"), 0
        if self.on_begin:
            self.on_begin(self._address)

    def _find_offset(self, address: str) -> Steps[Upload | None]:
        """Ask how much has arrived; return the upload if that was all."""
        response = yield from self.api.call(self.api.request("HEAD", _path(address), _VERSION))
        if "content-location" in response.headers:
            found = address_in(response, "content-location")
            return (yield from self.api.get(last_segment(found)))
        length = number_in(response, "upload-length")
        if length not in {None, self.source.size}:
            raise ValueError(
                f"This is another file: it has {self.source.size} bytes, and the upload {length}."
            )
        self._advance(response)
        return None

    def _append(self, address: str, offset: int) -> Steps[Upload | None]:
        """Send bytes; return the upload if those were the last ones."""
        stop = min(self.source.size, offset + (self.chunk_bytes or self.source.size))
        part = Part(self.source, offset, stop, self.on_progress)
        headers = {
            **_VERSION,
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(len(part)),
            "Upload-Offset": str(offset),
        }
        # Unless it is answered, nobody knows how much arrived.
        self._offset = None
        request = self.api.request("PATCH", _path(address), headers, part)
        response = yield from self.api.call(request)
        if response.status in {_OK, _CREATED}:
            return upload_of(response)
        if self._advance(response) <= offset:
            raise ConnectionLost("The server answered, and kept none of the bytes.")
        return None

    def _advance(self, response: Response) -> int:
        """Note, and return, how much is durable; more than before earns new attempts."""
        offset = number_in(response, "upload-offset")
        if offset is None or offset > self.source.size:
            raise unexpected(response)
        if offset > self._durable:
            self._durable, self._delays = offset, iter(self.retry_delays)
        self._offset = offset
        return offset

    def _wait(self, error: ConnectionLost | UploadsError) -> Steps[None]:
        """Wait before the next attempt, or raise that there is none."""
        if isinstance(error, UploadsError) and error.status not in _PASSING:
            raise error
        asked = (error.retry_after if isinstance(error, UploadsError) else None) or 0
        delay = next(self._delays, None)
        if delay is None or asked > _MAX_WAIT_SECONDS:
            if self._address is None:
                raise error
            raise UploadInterrupted(self._address, self._durable, str(error)) from error
        yield Pause(max(delay, asked))


def named(attributes: Mapping[str, Any], source: Source) -> Mapping[str, Any]:
    """Return attributes with the name of the file, unless they have one."""
    return attributes if source.name is None else {"filename": source.name, **attributes}


def cancel(api: Api, address: str) -> Steps[None]:
    """Give up an upload that was begun, and whatever was sent of it."""
    yield from api.call(api.request("DELETE", _path(address), _VERSION))


def _path(address: str) -> str:
    """Return the path of an upload on this server, whatever host its address names."""
    return f"{_PATH}/{quote(last_segment(address), safe='')}"
