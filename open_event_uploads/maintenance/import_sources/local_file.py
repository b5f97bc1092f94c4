"""Open files in a folder of another system, and nothing outside it."""

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from open_event_uploads.errors import UnreadableFile
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.maintenance.import_sources.values import show

_NOT_THERE = "there is no such file in the folder"


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
        is_there = path.is_relative_to(folder.resolve()) and path.is_file()
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"cannot be read: {error}") from None
    except RuntimeError:  # before Python 3.13: links that lead in a circle
        is_there = False
    if not is_there:
        raise UnreadableFile(_NOT_THERE)
    return _open_file(path)


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


def _open_file(path: Path) -> IncomingFile:
    """Open a file, unless a link, a pipe or a device took its place since it was looked at."""
    try:
        # A pipe would wait for a writer.
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        content = os.fdopen(os.open(path, flags), "rb")
    except OSError as error:
        raise UnreadableFile(f"cannot be read: {error}") from None
    if not stat.S_ISREG(os.fstat(content.fileno()).st_mode):
        content.close()
        raise UnreadableFile(_NOT_THERE)
    return IncomingFile(content)
