"""Find the optional capabilities of a storage; while it moves, those of the new one."""

from pathlib import Path

from open_event_uploads.storage.contract import (
    FileAdopter,
    Grower,
    Preparable,
    Presigner,
    Storage,
)
from open_event_uploads.storage.moving import MovingGrower, MovingStorage


def presigner_of(storage: Storage) -> Presigner | None:
    """Return the storage that signs requests to itself; None if it cannot."""
    current = members_of(storage)[0]
    return current if isinstance(current, Presigner) else None


def grower_of(storage: Storage) -> Grower | None:
    """Return what lets objects of the storage grow; None if they are written at once."""
    current, *previous = members_of(storage)
    if not isinstance(current, Grower):
        return None
    return MovingGrower(current, *previous) if previous else current


def spool_folder_of(storage: Storage) -> Path | None:
    """Return the folder whose nameless files the storage adopts; None if it copies all files."""
    current = members_of(storage)[0]
    return current.spool_folder if isinstance(current, FileAdopter) else None


def prepare_storage(storage: Storage) -> None:
    """Do the extra work of first writes before a request has to wait for it."""
    current = members_of(storage)[0]
    if isinstance(current, Preparable):
        current.prepare()


def members_of(storage: Storage) -> tuple[Storage, ...]:
    """Return the storages that one consists of: itself, or the new and the old one of a move."""
    if isinstance(storage, MovingStorage):
        return (storage.current, storage.previous)
    return (storage,)
