"""Write which new address each old address of an imported file has."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from open_event_uploads.imaging.preset import Preset
from open_event_uploads.maintenance.import_sources.source import ForeignFile, Size
from open_event_uploads.maintenance.whole_file import WholeFile
from open_event_uploads.uploads.model import UploadRow
from open_event_uploads.uploads.schema_fields import media_url
from open_event_uploads.variants.variant import Variant, variants_of


class AddressWriter(Protocol):
    """An object that takes pairs of addresses and writes them into a file."""

    def add(self, old: str, new: str, *, is_prefix: bool = False) -> None:
        """Take an old address, which is a URL or a path, and its new URL.

        Args:
            old: percent-encoded.
            new: likewise.
            is_prefix: whether all addresses that begin with the old one lead to the new one.
        """

    def finish(self) -> None:
        """Write the file; it survives a power cut."""

    def close(self) -> None:
        """Close it; without `finish`, the file is as it was before."""


class AddressMap:
    """A file with an old and a new address a line; `*` at the end of an old one is for anything.

    Args:
        path: of the file: comma-separated values if it ends with `.csv`, otherwise JSON Lines.
    """

    def __init__(self, path: Path) -> None:
        self._encode = _csv_line if path.suffix.lower() == ".csv" else _json_line
        self._file = WholeFile(path)
        if self._encode is _csv_line:
            self.add("old", "new")

    def add(self, old: str, new: str, *, is_prefix: bool = False) -> None:
        """`AddressWriter.add`."""
        self._file.write(self._encode(f"{old}*" if is_prefix else old, new))

    def finish(self) -> None:
        """`AddressWriter.finish`."""
        self._file.finish()

    def close(self) -> None:
        """`AddressWriter.close`."""
        self._file.close()


def write_addresses(
    file: ForeignFile,
    upload: UploadRow,
    *,
    base_url: str,
    presets: Sequence[Preset],
    writers: Sequence[AddressWriter],
) -> None:
    """Write each old address of a file with the new one; none unless the bytes are served.

    Args:
        file: as its source gave it.
        upload: that it is now.
        base_url: at which old addresses that are paths begin; empty to leave them as paths.
        presets: that exist.
        writers: that take the addresses.
    """
    if upload.status != "ready":
        return
    original = media_url(upload.key)
    variants = variants_of(upload, presets)
    for writer in writers:
        for address in file.addresses:
            writer.add(_absolute(address, base_url), original)
        for address, wanted in file.variants.items():
            found = _find_variant(wanted, variants)
            new = media_url(found.key) if found else original
            writer.add(_absolute(address, base_url), new)
        for address in file.prefixes:
            writer.add(_absolute(address, base_url), original, is_prefix=True)


def _find_variant(wanted: str | Size, variants: Sequence[Variant]) -> Variant | None:
    """Return the variant of a preset, or the smallest that shows all of the picture at a size."""
    if isinstance(wanted, str):
        return next((each for each in variants if each.name == wanted), None)
    fitting = [
        each
        for each in variants
        if each.preset.fit == "inside"
        and each.width >= (wanted.width or 1)
        and each.height >= (wanted.height or 1)
    ]
    return min(fitting, key=lambda each: each.width, default=None)


def _absolute(address: str, base_url: str) -> str:
    return f"{base_url}{address}" if address.startswith("/") else address


def _json_line(old: str, new: str) -> bytes:
    return msgspec.json.encode({"old": old, "new": new}) + b"\n"


def _csv_line(old: str, new: str) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([old, new])
    return line.getvalue().encode()
