"""Find the files of a folder, or those that a manifest names."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from open_event_uploads.errors import InvalidManifest, UnreadableFile
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.maintenance.import_sources.local_file import open_below
from open_event_uploads.maintenance.import_sources.source import ForeignFile, InvalidEntry
from open_event_uploads.maintenance.manifest import Entry, fault_of, folder_of, read_entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder, or a manifest in it. A file without an id is known by its bytes.

    Args:
        path: as of `read_entries`.
        base_url: where the folder was served.
        file_times: whether a file without a `created-at` has the time of its last change.
    """

    path: Path
    base_url: str = ""
    file_times: bool = False

    def walk(self) -> Iterator[ForeignFile | InvalidEntry]:
        """`Source.walk`."""
        folder = folder_of(self.path)
        for entry in read_entries(self.path):
            if isinstance(entry, InvalidManifest):
                yield InvalidEntry("", str(entry))
            elif reason := fault_of(entry):
                yield InvalidEntry(entry.file, reason)
            else:
                yield self._file(folder, entry)

    def _file(self, folder: Path, entry: Entry) -> ForeignFile:
        return ForeignFile(
            key=entry.file,
            open=partial(_open, folder, entry),
            upload_id=entry.id,
            addresses=(f"/{quote(entry.file.encode('utf-8', 'surrogateescape'))}",),
            values={"filename": PurePosixPath(entry.file).name, **entry.values},
            owner=entry.owner,
            created_at=entry.created_at
            or (_changed_at(folder, entry) if self.file_times else None),
        )


def _changed_at(folder: Path, entry: Entry) -> datetime | None:
    try:
        return datetime.fromtimestamp((folder / entry.file).stat().st_mtime, UTC)
    except (OSError, ValueError, OverflowError):
        return None  # opening it tells why


def _open(folder: Path, entry: Entry) -> IncomingFile:
    content = open_below(folder, entry.file)
    if entry.checksum not in {None, content.checksum}:
        content.close()
        raise UnreadableFile("the file does not have the checksum in the manifest")
    return content
