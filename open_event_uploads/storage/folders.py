"""What lies in folders, while others write and delete there."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.storage.disk_errors import translate_os_errors


def list_folder(folder: Path) -> Iterator[os.DirEntry[str]]:
    """What is in a folder; nothing where there is no such folder yet."""
    try:
        with translate_os_errors(folder), os.scandir(folder) as entries:
            yield from entries
    except ObjectNotFound:
        return


def walk_files(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Every regular file in a folder and the folders in it; links are not followed."""
    for entry in list_folder(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from walk_files(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            yield entry


def list_subfolders(folder: Path) -> list[Path]:
    """The folders directly in a folder."""
    return [
        Path(entry.path) for entry in list_folder(folder) if entry.is_dir(follow_symlinks=False)
    ]


def stat_or_none(entry: os.DirEntry[str]) -> os.stat_result | None:
    """The status of what was listed, unless it went away since."""
    try:
        return entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None


def modified_at(status: os.stat_result) -> datetime:
    """When a file was written to last, in UTC."""
    return datetime.fromtimestamp(status.st_mtime, UTC)
