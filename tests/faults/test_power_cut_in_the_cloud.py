"""Cut the power of PostgreSQL and of an S3 server: what was acknowledged is there afterwards.

Both have their data on the disk whose power is cut, and are started on what is left of it. That
takes seconds, so that many operations share a cut.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from open_event_uploads.database.engine import open_engine
from tests.faults.cloud import Cloud
from tests.faults.commands import import_files
from tests.faults.deployment import Deployment
from tests.faults.operations import (
    Operation,
    assert_sound,
    content_of,
    empty_previous,
    move,
    replay,
    upload,
)
from tests.faults.power_cut import PowerCutDisk
from tests.faults.resumable import append_much
from tests.faults.test_kill_at_every_step import STEPS_OF, STEPS_OF_DIRECT, STEPS_OF_RESUMABLE
from tests.postgres import database_name

pytestmark = [
    pytest.mark.server,
    pytest.mark.slow,
    pytest.mark.default_stack("has PostgreSQL and S3 of its own"),
]

OPERATIONS: list[Operation] = [
    *(*STEPS_OF, *STEPS_OF_DIRECT),
    *(replay, import_files),
    *(append_much, *STEPS_OF_RESUMABLE),
]
# A schema that is migrated to that of today.
EARLIER = "20261123_usage"


@pytest.fixture(scope="module")
def disk() -> Iterator[PowerCutDisk]:
    with PowerCutDisk() as made:
        yield made


@pytest.fixture(scope="module")
def cloud(disk: PowerCutDisk) -> Iterator[Cloud]:
    with Cloud.started(disk.folder) as started:
        yield started


@pytest.fixture
def deployment(cloud: Cloud, tmp_path: Path) -> Iterator[Deployment]:
    with cloud.deployed(tmp_path) as made:
        yield made


def test_nothing_is_lost_that_was_acknowledged(disk: PowerCutDisk, deployment: Deployment) -> None:
    witness = upload(deployment)
    attempts = [operation(deployment) for operation in OPERATIONS]
    answers = [attempt.act() for attempt in attempts]
    assert answers == [attempt.succeeds for attempt in attempts]
    deployment.lose_power(disk)
    for attempt, answer in zip(attempts, answers, strict=True):
        attempt.check(deployment, answer)
    assert_sound(deployment, witness)


def test_nothing_is_half_done_that_was_under_way(
    disk: PowerCutDisk, deployment: Deployment
) -> None:
    witness = upload(deployment)
    attempts = [operation(deployment) for operation in OPERATIONS]
    answers: dict[int, int | None] = {}

    def act(number: int) -> None:
        answers[number] = attempts[number].act()

    threads = [threading.Thread(target=act, args=[number]) for number in range(len(attempts))]
    for thread in threads:
        thread.start()
    # Some are done by now; the commands are not.
    time.sleep(0.15)
    deployment.lose_power(disk)
    for thread in threads:
        thread.join()
    assert None in answers.values()
    for number, attempt in enumerate(attempts):
        attempt.check(deployment, answers[number])
    assert_sound(deployment, witness)


def test_nothing_is_lost_of_files_that_move_between_a_folder_and_a_bucket(
    disk: PowerCutDisk, cloud: Cloud, tmp_path: Path
) -> None:
    folder, bucket = f"file://{disk.folder}/files", cloud.s3.url("files")
    with ExitStack() as parts:
        to_bucket, to_folder = (
            parts.enter_context(cloud.deployed(folder_of(tmp_path, name), **settings))
            for name, settings in {
                "bucket": {"storage_previous_url": f"{folder}-1"},
                "folder": {"storage_url": f"{folder}-2", "storage_previous_url": bucket},
            }.items()
        )
        moves = [(each, run) for each in (to_bucket, to_folder) for run in (move, empty_previous)]
        attempts = [run(deployment) for deployment, run in moves]
        assert [attempt.act() for attempt in attempts] == [0] * len(attempts)
        to_folder.kill()
        to_folder.close()
        to_bucket.lose_power(disk)
        for (deployment, _), attempt in zip(moves, attempts, strict=True):
            attempt.check(deployment, 0)
            assert deployment.problems() == []


def folder_of(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name


def test_a_database_that_moved_is_whole(disk: PowerCutDisk, cloud: Cloud, tmp_path: Path) -> None:
    here, back = (f"sqlite:///{disk.folder}/{name}.db" for name in ("here", "back"))
    there = cloud.postgres.create(database_name("there"))
    with cloud.deployed(tmp_path, database_url=here) as deployment:
        expected = {UUID(upload(deployment).id) for _ in range(3)}
        deployment.kill()
        assert deployment.manage("move-database", here, there) == 0
        assert deployment.manage("move-database", there, back) == 0
        deployment.lose_power(disk)
        for moved in (there, back):
            assert {UUID(str(id_)) for id_ in column(moved, "SELECT id FROM uploads")} == expected
        # Compares every row.
        assert deployment.manage("move-database", there, back) == 0


def column(url: str, statement: str) -> list[object]:
    """Return the first column of a query's rows."""
    engine = open_engine(url, name="url")
    try:
        with engine.connect() as connection:
            return [*connection.execute(text(statement)).scalars()]
    finally:
        engine.dispose()


def test_a_first_start_and_a_migration_stay(
    disk: PowerCutDisk, cloud: Cloud, deployment: Deployment
) -> None:
    # Its database, its token and its part of the bucket have just been made.
    first = upload(deployment)
    name = database_name("old")
    migrated = cloud.postgres.create(name)
    assert deployment.manage("db", "upgrade", EARLIER, database_url=migrated) == 0
    interrupted = cloud.postgres.create(database_name("old"), template=name)
    assert deployment.manage("db", "upgrade", database_url=migrated) == 0
    head = revision_of(migrated)
    under_way = threading.Thread(
        target=deployment.manage, args=["db", "upgrade"], kwargs={"database_url": interrupted}
    )
    under_way.start()
    while revision_of(interrupted) == EARLIER and under_way.is_alive():
        time.sleep(0.01)
    deployment.lose_power(disk)
    under_way.join()
    assert content_of(deployment, first.id) == first.content
    assert revision_of(migrated) == head
    assert deployment.manage("db", "upgrade", database_url=interrupted) == 0
    assert revision_of(interrupted) == head


def revision_of(url: str) -> object:
    (revision,) = column(url, "SELECT version_num FROM alembic_version")
    return revision
