"""Open files in a folder of another system, and nothing outside it."""

import os
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from open_event_uploads.errors import UnreadableFile
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.maintenance.import_sources.values import show


def open_below(folder: Path, name: str) -> IncomingFile:
    """Open a file in a folder.

    Args:
        folder: that contains the file; links that lead out of it are not followed.
        name: a relative path, as a record of the other system gives it.

    Raises:
        UnreadableFile: there is no such file in the folder, or it cannot be read.
    """
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            raise UnreadableFile("there is no such file in the folder")
        return IncomingFile(os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC), "rb"))
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"cannot be read: {error}") from None


def opener_below(folder: Path, name: str) -> "partial[IncomingFile]":
    """Return a function that calls `open_below`, for `ForeignFile.open`."""
    return partial(open_below, folder, name)


def open_stored(folder: Path, names: Sequence[str], storage: str) -> IncomingFile:
    """Open the first that exists of the paths at which another system may have a file.

    Args:
        folder: that contains the file.
        names: relative paths.
        storage: what the other system calls the place of the file.

    Raises:
        UnreadableFile: none exists; it says which storage has the file.
    """
    for name in names[:-1]:
        with suppress(UnreadableFile):
            return open_below(folder, name)
    try:
        return open_below(folder, names[-1])
    except UnreadableFile as error:
        raise UnreadableFile(
            f"{show(names[-1])} of the storage `{show(storage)}`: {error}"
        ) from None
