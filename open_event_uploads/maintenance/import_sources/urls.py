"""Find the files at the addresses that a list names; they are fetched by a process of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

from open_event_uploads.errors import InvalidImport, InvalidManifest
from open_event_uploads.maintenance.fetch.download import FetchLimits
from open_event_uploads.maintenance.fetch.fetcher import Fetcher
from open_event_uploads.maintenance.fetch.networks import Permissions, read_network
from open_event_uploads.maintenance.import_sources.source import (
    ForeignFile,
    InvalidEntry,
    derive_upload_id,
)
from open_event_uploads.maintenance.manifest import (
    Description,
    fault_of,
    read_line,
    read_lines,
    read_text,
)

_NAME = "urls"


class UrlEntry(Description, kw_only=True, frozen=True):
    """Describe one address.

    Args:
        url: of the file.
    """

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Urls:
    """A list of addresses: one a line, alone or as `url` of a JSON object.

    Args:
        path: of the list.
        max_bytes: of a file.
        base_url: the site whose addresses are redirected.
        allow_network: networks in which addresses are allowed, though they are not public.
        allow_port: ports that are allowed beside 80 and 443.
    """

    path: Path
    max_bytes: int
    base_url: str = ""
    allow_network: tuple[str, ...] = ()
    allow_port: tuple[int, ...] = ()

    def walk(self) -> Iterator[ForeignFile | InvalidEntry]:
        """`Source.walk`."""
        limits = FetchLimits(max_bytes=self.max_bytes, permissions=self._permissions())
        if not self.path.is_file():
            raise InvalidImport("--from urls needs a file with addresses as PATH")
        with Fetcher(limits) as fetcher, self.path.open("rb") as lines:
            for number, line in read_lines(lines):
                yield _entry(line, number, fetcher)

    def _permissions(self) -> Permissions:
        try:
            return Permissions(tuple(map(read_network, self.allow_network)), self.allow_port)
        except ValueError as error:
            raise InvalidImport(f"--allow-network: {error}") from None


def _entry(line: bytes, number: int, fetcher: Fetcher) -> ForeignFile | InvalidEntry:
    entry = _read(line, number)
    if isinstance(entry, InvalidManifest):
        return InvalidEntry("", str(entry))
    if reason := fault_of(entry):
        return InvalidEntry(entry.url, reason)
    return ForeignFile(
        key=entry.url,
        open=partial(fetcher.fetch, entry.url),
        upload_id=entry.id or derive_upload_id(_NAME, "", entry.url),
        addresses=(entry.url,),
        values={"filename": _name(entry.url), **entry.values},
        owner=entry.owner,
        created_at=entry.created_at,
    )


def _read(line: bytes, number: int) -> UrlEntry | InvalidManifest:
    if line.lstrip().startswith(b"{"):
        return read_line(line, number, UrlEntry)
    text = read_text(line, number)
    return text if isinstance(text, InvalidManifest) else UrlEntry(url=text)


def _name(url: str) -> str:
    try:
        return unquote(urlsplit(url).path).rpartition("/")[2]
    except ValueError:
        return ""  # fetching it tells what is wrong
