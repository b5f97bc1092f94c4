"""Mark a storage as belonging to one database, and check the mark."""

import time

from sqlalchemy import Engine, select

from open_event_uploads.database.read import read
from open_event_uploads.errors import ForeignStorage
from open_event_uploads.maintenance.instance import Instance
from open_event_uploads.storage import Storage
from open_event_uploads.storage.capabilities import members_of

# Of two servers that begin on an empty folder, one may see the other's first object before its
# marker, which follows within milliseconds. A second bounds what a foreign storage costs the start.
_TRIES, _PAUSE_SECONDS = 20, 0.05


def claim_storage(*, engine: Engine, storage: Storage) -> None:
    """Mark an empty storage as this database's, or check that it already is.

    Two databases on one storage would each take the other's files for orphans. While a storage is
    moved, both places are marked and checked.

    Raises:
        ForeignStorage: it belongs to another database, or has objects and no marker.
    """
    for place in members_of(storage):
        if place.read_marker() is None and next(place.objects(), None) is None:
            place.write_marker(_instance_id(engine))
        _wait_for_marker(place)
    check_marker(engine=engine, storage=storage)


def _wait_for_marker(place: Storage) -> None:
    """Give a server that starts at the same moment the time to write its marker."""
    for _ in range(_TRIES):
        if place.read_marker() is not None:
            return
        time.sleep(_PAUSE_SECONDS)


def check_marker(*, engine: Engine, storage: Storage) -> None:
    """Check that a storage is marked as this database's.

    Raises:
        ForeignStorage: it belongs to another database, or has no marker.
    """
    for place in members_of(storage):
        _check(place.read_marker(), _instance_id(engine))


def _check(marker: str | None, instance_id: str) -> None:
    if marker is None:
        raise ForeignStorage(
            "UPLOADS_STORAGE_URL: the storage has no marker that names its database; if its "
            f"objects belong to this database, write {instance_id} into its marker `instance`"
        )
    if marker != instance_id:
        raise ForeignStorage(
            f"UPLOADS_STORAGE_URL: the storage belongs to database {marker}, and this is "
            f"{instance_id}; give each database a storage of its own"
        )


def _instance_id(engine: Engine) -> str:
    ((instance_id,),) = read(engine, select(Instance.id))
    return instance_id
