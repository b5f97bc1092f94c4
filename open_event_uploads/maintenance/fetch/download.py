"""Download one file over HTTP, with every limit that it needs."""

import http.client
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self, cast

from open_event_uploads import __version__
from open_event_uploads.maintenance.fetch.address import Address, follow, read_address
from open_event_uploads.maintenance.fetch.connection import (
    BoundedReader,
    Deadline,
    Resolve,
    connect,
    resolve,
)
from open_event_uploads.maintenance.fetch.errors import FetchRefused
from open_event_uploads.maintenance.fetch.messages import MAX_PART_BYTES
from open_event_uploads.maintenance.fetch.networks import Permissions

_MAX_HEAD_BYTES = 64 * 1024
_MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OK = 200
# Without 101, after which the server would speak another protocol.
_INFORMATIONAL = frozenset(range(100, 200)) - {101}
# Of more digits than Python reads, `HTTPResponse` would make an answer without a length.
_LENGTH = re.compile("[0-9]{1,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """The bounds of one fetch.

    Args:
        max_bytes: of the file.
        total_seconds: from the first lookup of a name to the last byte, redirects included.
        idle_seconds: for a connection, and for the next bytes.
        permissions: where else than on the public Internet the file may be.
    """

    max_bytes: int
    total_seconds: float = 300.0
    idle_seconds: float = 20.0
    permissions: Permissions = field(default_factory=Permissions)


def download(text: str, limits: FetchLimits, *, resolve: Resolve = resolve) -> Iterator[bytes]:
    """Yield the bytes of the file at an address.

    Args:
        text: the address.
        limits: of the fetch.
        resolve: finds the IP addresses of a host; called once for each request.

    Raises:
        FetchRefused: it may not be fetched, or not all of it came; what was yielded is void.
    """
    address = read_address(text)
    deadline = Deadline(limits.total_seconds, limits.idle_seconds)
    for _ in range(_MAX_REDIRECTS + 1):
        with _ask(address, limits, deadline, resolve) as answer:
            if answer.status not in _REDIRECTS:
                yield from _body(answer, limits.max_bytes)
                return
            address = follow(address, answer.location)
    raise FetchRefused(f"it redirects more than {_MAX_REDIRECTS} times")


class _Answer:
    """The answer to one request, whose head has been read."""

    def __init__(self, reader: BoundedReader) -> None:
        self._reader = reader
        self._response = _read_head(_Makefile(io.BufferedReader(reader, MAX_PART_BYTES)))
        self.status = self._response.status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._response.close()
        self._reader.close()

    @property
    def location(self) -> str:
        """Return the address of the redirect; bytes beyond ASCII are read as UTF-8."""
        found = self._response.headers.get_all("Location") or [""]
        if len(set(found)) > 1:
            raise FetchRefused("it redirects to several addresses")
        return found[0].strip().encode("latin-1", "replace").decode("utf-8", "replace")

    def check_head(self, max_bytes: int) -> None:
        """Check that the answer is a file as it is, and not longer than allowed."""
        if self.status != _OK:
            raise FetchRefused(f"the server answered {self.status}")
        for name, expected in (("Content-Encoding", "identity"), ("Transfer-Encoding", "chunked")):
            for value in self._response.headers.get_all(name) or []:
                if value.strip().lower() != expected:
                    raise FetchRefused(f"the answer has the {name} {value[:40]!a}")
        lengths = {each.strip() for each in self._response.headers.get_all("Content-Length") or []}
        if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
            raise FetchRefused("the answer has no valid Content-Length")
        if (self._response.length or 0) > max_bytes:
            raise FetchRefused(_too_long(max_bytes))

    def parts(self, max_bytes: int) -> Iterator[bytes]:
        """Yield the bytes of the body."""
        announced = self._response.length
        # Of one in chunks, what surrounds them counts too.
        self._reader.left_bytes = 2 * max_bytes + _MAX_HEAD_BYTES
        count = 0
        while part := self._response.read1(MAX_PART_BYTES):
            count += len(part)
            if count > max_bytes:
                raise FetchRefused(_too_long(max_bytes))
            yield part
        if announced is not None and count != announced:
            raise FetchRefused(f"only {count} of {announced} bytes came")


class _Makefile:
    """The part of a socket that `HTTPResponse` needs."""

    def __init__(self, reader: io.BufferedReader) -> None:
        self._reader = reader

    def makefile(self, _: str) -> io.BufferedReader:
        return self._reader


def _read_head(source: _Makefile) -> http.client.HTTPResponse:
    """Read the head of the answer; those of informational ones before it are skipped.

    (RFC 9110, section 15.2; http.client skips 100 only.)
    """
    while True:
        response = http.client.HTTPResponse(cast("Any", source), method="GET")
        response.begin()
        if response.status not in _INFORMATIONAL:
            return response
        # Else it would close the source when it goes.
        response.fp = None  # type: ignore[assignment]  # as HTTPResponse does at the end


def _ask(address: Address, limits: FetchLimits, deadline: Deadline, resolve: Resolve) -> _Answer:
    """Send a request to an address that was checked; return the answer."""
    limits.permissions.check_port(address.port)
    ips = resolve(address.host, address.port)
    limits.permissions.check_addresses(ips)
    connection = connect(address, ips, deadline)
    reader = BoundedReader(connection, deadline, _MAX_HEAD_BYTES)
    try:
        deadline.apply_to(connection)
        connection.sendall(_request(address))
        return _Answer(reader)
    except (OSError, http.client.HTTPException, ValueError) as error:
        reader.close()
        raise _broken(error) from None
    except BaseException:
        reader.close()
        raise


def _request(address: Address) -> bytes:
    lines = (
        f"GET {address.target} HTTP/1.1",
        f"Host: {address.authority}",
        f"User-Agent: open-event-uploads/{__version__}",
        "Accept: */*",
        "Accept-Encoding: identity",
        "Connection: close",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii")


def _body(answer: _Answer, max_bytes: int) -> Iterator[bytes]:
    answer.check_head(max_bytes)
    try:
        yield from answer.parts(max_bytes)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _broken(error) from None


def _broken(error: Exception) -> FetchRefused:
    # The text may be the server's.
    text = "".join(each for each in str(error)[:200] if each.isprintable())
    return FetchRefused(f"the connection broke: {text or type(error).__name__}")


def _too_long(max_bytes: int) -> str:
    return f"the file has more than {max_bytes} bytes"
