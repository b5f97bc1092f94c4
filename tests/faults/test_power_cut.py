"""Cut the power while the server changes something: what was acknowledged is there afterwards.

Each operation is stopped at each of its steps, and again when it has been acknowledged. There the
disk is copied as a power cut leaves it, and the copy is examined.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from open_event_uploads.accounts.secret_key import secret_keys
from open_event_uploads.fault_points import FLUSHES
from open_event_uploads.settings import load_settings
from tests.faults.copied import CopiedDeployment
from tests.faults.deployment import Deployment
from tests.faults.operations import (
    Attempt,
    Operation,
    assert_sound,
    upload,
)
from tests.faults.power_cut import PowerCutDisk
from tests.faults.test_kill_at_every_step import STEPS_OF, STEPS_OF_MOVES, name_of
from tests.traffic import Traffic

pytestmark = [
    pytest.mark.server,
    pytest.mark.default_stack("has a disk of its own; the soak cuts the power of both stacks"),
]

CLIENTS = 4
# How many cuts find a flush that is left out; measured: the first.
CUTS = 3


@pytest.fixture(scope="module")
def disk() -> Iterator[PowerCutDisk]:
    with PowerCutDisk() as made:
        yield made


@pytest.fixture(scope="module")
def deployment(
    disk: PowerCutDisk, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    found = deployed_on(disk, tmp_path_factory.mktemp("deployment"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def moving(disk: PowerCutDisk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """One whose objects are on their way out of a folder."""
    previous = f"file://{disk.folder}/previous"
    found = deployed_on(disk, tmp_path_factory.mktemp("moving"), storage_previous_url=previous)
    yield found
    found.close()


def deployed_on(disk: PowerCutDisk, folder: Path, **settings: object) -> Deployment:
    return Deployment(folder, {"data_dir": disk.folder / folder.name, **settings})


class Cuts:
    """Power cuts of a deployment that has one upload at least.

    Args:
        deployment: on the disk.
        disk: whose power is cut.
        folder: for the deployments that are examined.
    """

    def __init__(self, deployment: Deployment, disk: PowerCutDisk, folder: Path) -> None:
        self.done = 0
        self._deployment = deployment
        self._disk = disk
        self._folder = folder
        self._witness = upload(deployment)

    def cut(self, attempt: Attempt, answer: int | None) -> None:
        """Cut the power, and check what is there against the answer that an operation had."""
        self.done += 1
        folder = self._folder / f"cut-{self.done}"
        folder.mkdir()
        with self._disk.cut() as copy:
            copied = CopiedDeployment(folder, self._deployment, self._disk.folder, copy)
            try:
                attempt.check(copied, answer)
                assert_sound(copied, self._witness)
            finally:
                copied.close()


def cut_at_every_step(
    deployment: Deployment, disk: PowerCutDisk, folder: Path, operation: Operation
) -> set[str]:
    """The steps that an operation passes, at each of which the power was cut."""
    cuts = Cuts(deployment, disk, folder)
    attempt = operation(deployment)
    answers: list[int | None] = []
    with deployment.armed("1 pause"):
        acting = threading.Thread(target=lambda: answers.append(attempt.act()))
        acting.start()
        while paused(deployment, cuts.done + 1, acting):
            cuts.cut(attempt, None)
            deployment.arm(f"{cuts.done + 1} pause")
        acting.join()
    assert answers == [attempt.succeeds]
    cuts.cut(attempt, attempt.succeeds)
    return set(deployment.passed())


def paused(deployment: Deployment, step: int, acting: threading.Thread) -> bool:
    """Wait for a step; False where the operation ends without it."""
    while len(deployment.passed()) < step:
        if not acting.is_alive():
            return False
        time.sleep(0.005)
    return True


@pytest.mark.parametrize("operation", STEPS_OF, ids=name_of)
def test_nothing_is_lost_at_whichever_step_the_power_is_cut(
    deployment: Deployment, disk: PowerCutDisk, tmp_path: Path, operation: Operation
) -> None:
    passed = cut_at_every_step(deployment, disk, tmp_path, operation)
    assert passed == set(STEPS_OF[operation][0])


@pytest.mark.parametrize("operation", STEPS_OF_MOVES, ids=name_of)
def test_nothing_is_lost_of_what_moves_when_the_power_is_cut(
    moving: Deployment, disk: PowerCutDisk, tmp_path: Path, operation: Operation
) -> None:
    passed = cut_at_every_step(moving, disk, tmp_path, operation)
    assert passed == set(STEPS_OF_MOVES[operation][0])


@pytest.mark.parametrize("left_out", [None, *FLUSHES])
def test_a_flush_that_is_left_out_is_found(
    disk: PowerCutDisk, tmp_path: Path, left_out: str | None
) -> None:
    deployment = deployed_on(disk, tmp_path)
    if left_out:
        deployment.leave_out(left_out)
    try:
        upload(deployment)
        reuse_the_log(disk.folder / tmp_path.name / "uploads.db")
        lost = [is_lost_in_a_cut(deployment, disk, tmp_path, n) for n in range(CUTS)]
        assert any(lost) is bool(left_out)
    finally:
        deployment.close()


def reuse_the_log(database: Path) -> None:
    """Have SQLite write its log from the beginning, as after every 1000 pages.

    A log that grows makes the ext4 commit its journal, and so the names of other files too.
    """
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE filler AS SELECT zeroblob(4000000) AS content")
        connection.execute("DROP TABLE filler")
        (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
        assert not is_busy


def is_lost_in_a_cut(deployment: Deployment, disk: PowerCutDisk, folder: Path, number: int) -> bool:
    """Upload something, cut the power at once, and look for it."""
    there = upload(deployment)
    with disk.cut() as copy:
        own = folder / f"cut-{number}"
        own.mkdir()
        copied = CopiedDeployment(own, deployment, disk.folder, copy)
        try:
            return copied.request("GET", there.path) != (200, there.content)
        finally:
            copied.close()


def test_a_secret_key_that_was_generated_stays(disk: PowerCutDisk) -> None:
    (key,) = secret_keys(load_settings(data_dir=disk.folder / "new/key"))
    with disk.cut() as copy:
        assert secret_keys(load_settings(data_dir=copy / "new/key")) == [key]


def test_clients_go_on_after_each_of_several_power_cuts(tmp_path: Path) -> None:
    with PowerCutDisk() as disk:
        deployment = deployed_on(disk, tmp_path)
        try:
            witness = upload(deployment)
            with Traffic(deployment.server.address, deployment.token, CLIENTS) as traffic:
                for _ in range(3):
                    time.sleep(1)
                    deployment.lose_power(disk)
                    traffic.address = deployment.server.address
            assert traffic.wrong == []
            assert traffic.acknowledged > 0
            assert traffic.lost() == []
            assert_sound(deployment, witness)
        finally:
            deployment.close()
