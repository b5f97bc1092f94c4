"""What a storage can do besides: of one that takes another's place, what the new one can."""

from pathlib import Path

from open_event_uploads.storage.contract import FileAdopter, Preparable, Presigner, Storage
from open_event_uploads.storage.moving import MovingStorage


def presigner_of(storage: Storage) -> Presigner | None:
    """What gives leave to ask the storage itself, where there is such leave: of the new one."""
    current = members_of(storage)[0]
    return current if isinstance(current, Presigner) else None


def spool_folder_of(storage: Storage) -> Path | None:
    """Where a file without a name is kept as it is, if anywhere: of the new one."""
    current = members_of(storage)[0]
    return current.spool_folder if isinstance(current, FileAdopter) else None


def prepare_storage(storage: Storage) -> None:
    """Have the place that is written to be ready for it, before anybody waits."""
    current = members_of(storage)[0]
    if isinstance(current, Preparable):
        current.prepare()


def members_of(storage: Storage) -> tuple[Storage, ...]:
    """The storages that one is made of: itself, or two while it moves."""
    if isinstance(storage, MovingStorage):
        return (storage.current, storage.previous)
    return (storage,)
