"""Make folders whose names survive a power cut."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from open_event_uploads.storage.flush import flush_folder

_MODE = 0o750

# Folders remembered as durable; beyond that some are flushed again.
_MAX_REMEMBERED = 10_000


class DurableFolders:
    """The folders below a root, and which of them are known to be durable."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._durable: set[str] = set()

    def prepare(self, parent: Path, names: Iterable[str]) -> None:
        """Make folders in `parent` and flush them all at once; if that fails, writes do it."""
        folders = [parent / name for name in names]
        with suppress(OSError):
            make_folder(parent)
            for folder in folders:
                folder.mkdir(_MODE, exist_ok=True)
            self._flush_to_root(parent)
            self._durable.update(map(str, folders))

    def forget(self, folder: Path) -> None:
        """Record that a folder was deleted."""
        self._durable.discard(str(folder))

    def flush(self, folder: str) -> None:
        """Flush a folder, and once a process also those above it.

        Another writer may have made the folder a moment ago without having flushed it yet.
        """
        flush_folder(folder)
        if folder in self._durable:
            return
        if folder != str(self._root):
            self._flush_to_root(Path(folder).parent)
        if len(self._durable) >= _MAX_REMEMBERED:
            self._durable.clear()
        self._durable.add(folder)

    def _flush_to_root(self, folder: Path) -> None:
        flush_folder(folder)
        while folder != self._root:
            folder = folder.parent
            flush_folder(folder)


def make_folder(folder: Path) -> None:
    """Make a folder and every missing one above it, each flushed into its parent."""
    if not folder.parent.exists():
        make_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(_MODE)
    flush_folder(folder.parent)
