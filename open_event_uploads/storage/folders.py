"""List folders in which others write and delete at the same time."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.storage.disk_errors import translate_os_errors


def list_folder(folder: Path) -> Iterator[os.DirEntry[str]]:
    """List a folder; yield nothing if it does not exist."""
    try:
        with translate_os_errors(folder.name), os.scandir(folder) as entries:
            yield from entries
    except ObjectNotFound:
        return


def walk_files(folder: Path) -> Iterator[os.DirEntry[str]]:
    """List the regular files in a folder and in those below it; links are not followed."""
    for entry in list_folder(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from walk_files(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            yield entry


def list_subfolders(folder: Path) -> list[Path]:
    """List the folders directly in a folder."""
    return [Path(each.path) for each in list_folder(folder) if each.is_dir(follow_symlinks=False)]


def stat_or_none(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Return the status of an entry; None if it was deleted since it was listed."""
    try:
        return entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None


def check_is_a_file(descriptor: int) -> None:
    """Raise OSError if something is not a regular file."""
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, "not a file")


def delete_file(path: Path) -> None:
    """Delete a file; do nothing if there is none."""
    with translate_os_errors(path.name), suppress(FileNotFoundError):
        path.unlink()


def modified_at(status: os.stat_result) -> datetime:
    """Return the time of a file's last write, UTC."""
    return datetime.fromtimestamp(status.st_mtime, UTC)
