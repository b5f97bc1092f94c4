"""Read and write manifests: one JSON object a line for each exported file."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import msgspec

from open_event_uploads.database.types import is_id
from open_event_uploads.errors import InvalidImport, InvalidManifest, ManyErrors
from open_event_uploads.uploads.fields import FIELDS
from open_event_uploads.uploads.schema import read_values

MANIFEST = "manifest.jsonl"

# Far more than the longest texts of an upload need.
_MAX_LINE_BYTES = 1024 * 1024
# Which some editors write at the start of a text in UTF-8.
_BYTE_ORDER_MARK = "\N{BYTE ORDER MARK}".encode()


class Description(msgspec.Struct, rename="kebab", omit_defaults=True, kw_only=True, frozen=True):
    """Describe one file. In the manifest, `values` are members of the entry itself.

    Args:
        owner: the email or id of a user; None for nobody, or for the one whom the command names.
        id: of the exported upload, which the imported one gets too.
        created_at: when the exported upload was created.
        values: of the upload's fields, by name.
    """

    owner: str | None = None
    id: str | None = None
    created_at: datetime | None = None
    values: dict[str, Any] = {}


class Entry(Description, kw_only=True, frozen=True):
    """Describe one file of a folder.

    Args:
        file: its path, relative to the manifest's folder, with `/`.
        checksum: `sha256:` and 64 hexadecimal digits; a file with another is refused.
        media_type, size: for information; the bytes decide.
    """

    file: str
    checksum: str | None = None
    media_type: str | None = None
    size: int | None = None


AnyEntry = TypeVar("AnyEntry", bound=Description)


def read_entries(path: Path) -> Iterator[Entry | InvalidManifest]:
    """Yield the entries to be imported, or an error in place of an invalid one.

    Args:
        path: a manifest, or a folder with one; or a folder of which all files but hidden ones are
            imported.

    Raises:
        InvalidImport: it is another file.
    """
    if path.is_dir() and not (path / MANIFEST).is_file():
        yield from _entries_below(path)
        return
    manifest = path / MANIFEST if path.is_dir() else path
    with manifest.open("rb") as lines:
        if manifest.name != MANIFEST:
            _check_manifest(lines.peek(), manifest)
        for number, line in read_lines(lines):
            yield read_line(line, number, Entry)


def read_lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a list that have something, with their numbers.

    Args:
        file: in UTF-8, with or without a byte order mark. Of a line that is longer than
            `read_text` allows, only the beginning comes.
    """
    for number in count(1):
        line = file.readline(_MAX_LINE_BYTES + 1)
        if not line:
            return
        rest = line
        while len(rest) > _MAX_LINE_BYTES and not rest.endswith(b"\n"):
            rest = file.readline(_MAX_LINE_BYTES + 1)
        if number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if line.strip():
            yield number, line


def read_text(line: bytes, number: int) -> str | InvalidManifest:
    """Return the text of a line of `read_lines`, or an error if it has none or is too long."""
    if len(line) > _MAX_LINE_BYTES:
        return InvalidManifest(f"line {number}: it has more than {_MAX_LINE_BYTES} bytes")
    try:
        return line.decode().strip()
    except UnicodeDecodeError as error:
        return InvalidManifest(f"line {number}: {error}")


def folder_of(path: Path) -> Path:
    """Return the folder that contains the files of `read_entries`."""
    return path if path.is_dir() else path.parent


def write_entry(entry: Entry) -> bytes:
    """Return the line of an entry; values that a new upload has anyway are left out."""
    members = msgspec.to_builtins(entry)
    values = members.pop("values", {})
    written = {
        each.attribute: values[each.name]
        for each in FIELDS
        if each.name in values and values[each.name] != each.default
    }
    return msgspec.json.encode({**members, **written}) + b"\n"


def read_line(line: bytes, number: int, entry: type[AnyEntry]) -> AnyEntry | InvalidManifest:
    """Read an entry of a manifest; return an error if it is invalid.

    Args:
        line: a JSON object.
        number: of the line, for the error.
        entry: its type.
    """
    text = read_text(line, number)
    if isinstance(text, InvalidManifest):
        return text
    try:
        members = msgspec.json.decode(text, type=dict[str, Any])
        return msgspec.convert({**members, "values": read_values(members)}, entry)
    except (msgspec.MsgspecError, RecursionError) as error:
        return InvalidManifest(f"line {number}: {error}")
    except ManyErrors as error:
        return InvalidManifest(f"line {number}: {error.describe()}")


def fault_of(entry: Description) -> str:
    """Return what is wrong with an entry that could be read; empty if nothing is."""
    if entry.id is not None and not is_id(entry.id):
        return "`id` must be a UUID in lower case"
    if entry.created_at is None:
        return ""
    if entry.created_at.tzinfo is None:
        return "`created-at` has no time zone"
    try:
        entry.created_at.astimezone(UTC)
    except OverflowError:
        return "`created-at` is before the year 1 or after the year 9999 in UTC"
    return ""


def _check_manifest(start: bytes, path: Path) -> None:
    """Refuse a picture, a list of addresses and what else people take for a manifest."""
    start = start.removeprefix(_BYTE_ORDER_MARK).lstrip()
    if start and not start.startswith(b"{"):
        raise InvalidImport(
            f"{path} is no manifest, which has a JSON object a line: name the folder of your "
            "files, or add --from urls for a list of addresses"
        )


def _entries_below(folder: Path) -> Iterator[Entry | InvalidManifest]:
    unreadable = list[OSError]()
    for where, folders, files in os.walk(folder, onerror=unreadable.append):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for name in folders:
            if Path(where, name).is_symlink():
                yield InvalidManifest(f"{_name_in(folder, where, name)}: a link to a folder")
        for name in sorted(files):
            if not name.startswith("."):
                yield Entry(file=_name_in(folder, where, name))
    for error in unreadable:
        yield InvalidManifest(f"the folder cannot be read: {error}")


def _name_in(folder: Path, where: str, name: str) -> str:
    return Path(where, name).relative_to(folder).as_posix()
