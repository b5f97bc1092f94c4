"""Write a file that appears under its name when it is complete and durable."""

from pathlib import Path

from open_event_uploads.storage.flush import flush_file, flush_folder


class WholeFile:
    """A file that is being written; what had its name before stays until it is finished.

    Args:
        path: of the file. Until it is finished its name has `.part` at the end; the next run
            writes that file again, so interrupted ones do not pile up.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._unfinished = path.with_name(f"{path.name}.part")
        self._file = self._unfinished.open("wb")

    def write(self, part: bytes) -> None:
        """Append bytes."""
        self._file.write(part)

    def close(self) -> None:
        """Close the file, finished or not."""
        self._file.close()

    def finish(self) -> None:
        """Give the file its name, and close it."""
        with self._file:
            self._file.flush()
            flush_file(self._file.fileno())
        self._unfinished.rename(self._path)
        flush_folder(self._path.parent)
