"""A storage belongs to one database, also when two servers begin at the same moment."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from open_event_uploads.context import db
from open_event_uploads.errors import ForeignStorage
from open_event_uploads.maintenance.claim_storage import claim_storage
from open_event_uploads.storage.memory import MemoryStorage
from tests.conftest import AppFactory


class SharedStorage(MemoryStorage):
    """A storage where another server has put its first object, and not its marker yet.

    Args:
        reads: how often the marker is missing.
        instance_id: in the marker that then appears.
    """

    def __init__(self, reads: int, instance_id: str) -> None:
        super().__init__()
        self.put("check-of-another-server", b"Is this a storage?")
        self._reads, self._instance_id = reads, instance_id

    def read_marker(self) -> str | None:
        """`Storage.read_marker`."""
        self._reads -= 1
        return self._instance_id if self._reads < 0 else None


@pytest.fixture
def engine(make_app: AppFactory) -> Iterator[Engine]:
    with make_app().app_context():
        yield db.engine


@pytest.fixture
def instance_id(engine: Engine) -> str:
    storage = MemoryStorage()
    claim_storage(engine=engine, storage=storage)
    return storage.read_marker() or ""


def test_a_marker_that_comes_a_moment_later_is_waited_for(engine: Engine, instance_id: str) -> None:
    claim_storage(engine=engine, storage=SharedStorage(3, instance_id))


def test_a_marker_that_comes_later_and_names_another_database_is_refused(engine: Engine) -> None:
    with pytest.raises(ForeignStorage, match="belongs to database another"):
        claim_storage(engine=engine, storage=SharedStorage(3, "another"))


def test_objects_whose_marker_never_comes_are_refused(engine: Engine, instance_id: str) -> None:
    with pytest.raises(ForeignStorage, match="has no marker"):
        claim_storage(engine=engine, storage=SharedStorage(1_000, instance_id))
