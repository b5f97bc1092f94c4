"""Write which new address each old address of an imported file has."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from open_event_uploads.imaging.preset import Preset
from open_event_uploads.maintenance.import_sources.source import ForeignFile
from open_event_uploads.maintenance.whole_file import WholeFile
from open_event_uploads.uploads.model import UploadRow
from open_event_uploads.uploads.schema_fields import media_url
from open_event_uploads.variants.variant import variants_of


class AddressWriter(Protocol):
    """An object that takes pairs of addresses and writes them into a file."""

    def add(self, old: str, new: str) -> None:
        """Take an old address, which is a URL or a path, and its new URL."""

    def finish(self) -> None:
        """Write the file; it survives a power cut."""

    def close(self) -> None:
        """Close it; without `finish`, the file is as it was before."""


class AddressMap:
    """A file with an old and a new address a line.

    Args:
        path: of the file: comma-separated values if it ends with `.csv`, otherwise JSON Lines.
    """

    def __init__(self, path: Path) -> None:
        self._encode = _csv_line if path.suffix.lower() == ".csv" else _json_line
        self._file = WholeFile(path)
        if self._encode is _csv_line:
            self.add("old", "new")

    def add(self, old: str, new: str) -> None:
        """`AddressWriter.add`."""
        self._file.write(self._encode(old, new))

    def finish(self) -> None:
        """`AddressWriter.finish`."""
        self._file.finish()

    def close(self) -> None:
        """`AddressWriter.close`."""
        self._file.close()


def new_addresses(
    file: ForeignFile, upload: UploadRow, base_url: str, presets: Sequence[Preset]
) -> Iterator[tuple[str, str]]:
    """Yield each old address of a file with the new one; none unless the bytes are served.

    Args:
        file: as its source gave it.
        upload: that it is now.
        base_url: at which old addresses that are paths begin; empty to leave them as paths.
        presets: that exist.
    """
    if upload.status != "ready":
        return
    original = media_url(upload.key)
    variants = {each.name: media_url(each.key) for each in variants_of(upload, presets)}
    for address in file.addresses:
        yield _absolute(address, base_url), original
    for address, preset in file.variants.items():
        yield _absolute(address, base_url), variants.get(preset, original)


def _absolute(address: str, base_url: str) -> str:
    return f"{base_url}{address}" if address.startswith("/") else address


def _json_line(old: str, new: str) -> bytes:
    return msgspec.json.encode({"old": old, "new": new}) + b"\n"


def _csv_line(old: str, new: str) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([old, new])
    return line.getvalue().encode()
