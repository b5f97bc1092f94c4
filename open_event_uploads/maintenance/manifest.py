"""What stands beside exported files, one JSON object a line, and what `import` reads."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from open_event_uploads.errors import InvalidManifest
from open_event_uploads.uploads.model import ALT_MAX_CHARACTERS

MANIFEST = "manifest.jsonl"

_Text = Annotated[str, msgspec.Meta(max_length=ALT_MAX_CHARACTERS, pattern=r"^[^\x00]*$")]


class Entry(msgspec.Struct, rename="kebab", omit_defaults=True, kw_only=True, frozen=True):
    """One file.

    Args:
        file: its path, relative to the manifest's folder, with `/`.
        filename: what people call it; the last part of the path by default.
        alt: for people who cannot see the image.
        visibility: `public` or `private`.
        owner: an email or a user's id; None for nobody, or for whom the command names.
        id: of the upload that it was, and is going to be again.
        created_at: when that was made.
        expires_at: the end of its lease; None for none.
        checksum: `sha256:` and 64 hexadecimal digits; other bytes are not imported.
        media_type, size: for whoever reads the manifest; the bytes decide.
    """

    file: str
    filename: _Text | None = None
    alt: _Text = ""
    visibility: Literal["public", "private"] = "public"
    owner: str | None = None
    id: str | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    checksum: str | None = None
    media_type: str | None = None
    size: int | None = None


def read_entries(path: Path) -> Iterator[Entry | InvalidManifest]:
    """What is to be imported; what cannot be understood is in its place.

    Args:
        path: a manifest; or a folder with one; or a folder whose files are meant, all of them but
            hidden ones.
    """
    if path.is_dir() and not (path / MANIFEST).is_file():
        yield from (Entry(file=each) for each in _files_below(path))
        return
    manifest = path / MANIFEST if path.is_dir() else path
    with manifest.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _read(line, number)


def folder_of(path: Path) -> Path:
    """The folder that the files of `read_entries` are in."""
    return path if path.is_dir() else path.parent


def _read(line: bytes, number: int) -> Entry | InvalidManifest:
    try:
        return msgspec.json.decode(line, type=Entry)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return InvalidManifest(f"line {number}: {error}")


def _files_below(folder: Path) -> Iterator[str]:
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield (Path(where) / name).relative_to(folder).as_posix()
