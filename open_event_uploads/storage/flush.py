"""Flush files and folders, so that a power cut does not lose them.

A name is durable once the folder that holds it has been flushed (fsync(2), notes).
"""

import os
from pathlib import Path

from open_event_uploads.blocking import BLOCKING
from open_event_uploads.fault_points import is_left_out


def flush_file(descriptor: int) -> None:
    """Make the bytes of a file durable."""
    if not is_left_out("file"):
        with BLOCKING:
            os.fsync(descriptor)


def flush_folder(folder: Path | str) -> None:
    """Make the names in a folder durable."""
    if is_left_out("folder"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with BLOCKING:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_durable_folder(folder: Path, mode: int) -> None:
    """Make a folder, and those above it with the usual mode; do nothing if it exists.

    Args:
        folder: whose name survives a power cut on return.
        mode: of the folder, before the umask.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(mode, parents=True, exist_ok=True)
    for each in missing:
        flush_folder(each.parent)
