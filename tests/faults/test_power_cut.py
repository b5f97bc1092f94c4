"""Cut the power while the server changes something: what was acknowledged is there afterwards.

Each operation is stopped at each of its steps, and again when it has been acknowledged. There the
disk is copied as a power cut leaves it, and the copy is examined.
"""

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import event

from open_event_uploads.accounts.secret_key import secret_keys
from open_event_uploads.context import db
from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.fault_points import FLUSHES
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.settings import load_settings
from open_event_uploads.storage import flush
from open_event_uploads.storage.keys import new_partial_key
from open_event_uploads.storage.local import LocalStorage
from tests.documents import COLLECTION
from tests.faults.commands import (
    create_token,
    create_user,
    export,
    import_files,
    move_database,
)
from tests.faults.cuts import Cuts
from tests.faults.deployment import Deployment
from tests.faults.operations import Operation, assert_sound, replay, upload
from tests.faults.power_cut import PowerCutDisk
from tests.faults.resumable import append_much
from tests.faults.test_kill_at_every_step import (
    STEPS_OF,
    STEPS_OF_MOVES,
    STEPS_OF_RESUMABLE,
    name_of,
)
from tests.server import Server
from tests.traffic import Traffic, fresh_picture, path_of

pytestmark = [
    pytest.mark.server,
    pytest.mark.default_stack(
        "has a disk of its own; test_power_cut_in_the_cloud.py has the others"
    ),
]

PROJECT = Path(__file__).parents[2]
CLIENTS = 4
# How many cuts find a flush that is left out; measured: the first or the second.
CUTS = 4
# A schema that an upload of today fits in.
EARLIER = "20261123_usage"
# After how many statements of a migration the power is cut again.
STATEMENTS = 30

# Commands, and after how many of their steps the power is cut again.
STRIDES: dict[Operation, int] = {
    import_files: 1,
    export: 9,
    move_database: 9,
    create_user: 1,
    create_token: 1,
}


@pytest.fixture(scope="module")
def disk() -> Iterator[PowerCutDisk]:
    with PowerCutDisk() as made:
        yield made


@pytest.fixture(scope="module")
def deployment(
    disk: PowerCutDisk, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    with deployed_on(disk, tmp_path_factory.mktemp("deployment")) as made:
        yield made


@pytest.fixture(scope="module")
def moving(disk: PowerCutDisk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """One whose objects are on their way out of a folder."""
    previous = f"file://{disk.folder}/previous"
    folder = tmp_path_factory.mktemp("moving")
    with deployed_on(disk, folder, storage_previous_url=previous) as made:
        yield made


@contextmanager
def deployed_on(disk: PowerCutDisk, folder: Path, **settings: object) -> Iterator[Deployment]:
    made = Deployment(folder, {"data_dir": disk.folder / folder.name, **settings})
    try:
        yield made
    finally:
        made.close()


@pytest.mark.parametrize("operation", STEPS_OF, ids=name_of)
def test_nothing_is_lost_at_whichever_step_the_power_is_cut(
    deployment: Deployment, disk: PowerCutDisk, tmp_path: Path, operation: Operation
) -> None:
    passed = Cuts(deployment, disk, tmp_path).check_at_every_step(operation)
    assert passed == set(STEPS_OF[operation][0])


@pytest.mark.parametrize("operation", STEPS_OF_MOVES, ids=name_of)
def test_nothing_is_lost_of_what_moves_when_the_power_is_cut(
    moving: Deployment, disk: PowerCutDisk, tmp_path: Path, operation: Operation
) -> None:
    passed = Cuts(moving, disk, tmp_path).check_at_every_step(operation)
    assert passed == set(STEPS_OF_MOVES[operation][0])


@pytest.mark.slow
@pytest.mark.parametrize("operation", STEPS_OF_RESUMABLE, ids=name_of)
def test_nothing_is_lost_of_a_resumable_upload_when_the_power_is_cut(
    deployment: Deployment, disk: PowerCutDisk, tmp_path: Path, operation: Operation
) -> None:
    passed = Cuts(deployment, disk, tmp_path).check_at_every_step(operation)
    assert passed == set(STEPS_OF_RESUMABLE[operation][0])


@pytest.mark.slow
def test_nothing_is_lost_of_a_long_request_when_the_power_is_cut(
    deployment: Deployment, disk: PowerCutDisk, tmp_path: Path
) -> None:
    passed = Cuts(deployment, disk, tmp_path).check_at_every_step(append_much, stride=3)
    assert "append.acknowledge" in passed


def test_a_request_that_is_sent_again_after_a_power_cut_has_the_same_answer(
    deployment: Deployment, disk: PowerCutDisk, tmp_path: Path
) -> None:
    assert "commit.done" in Cuts(deployment, disk, tmp_path).check_at_every_step(replay)


@pytest.mark.parametrize("operation", STRIDES, ids=name_of)
def test_nothing_is_lost_of_what_a_command_did_when_the_power_is_cut(
    deployment: Deployment, disk: PowerCutDisk, tmp_path: Path, operation: Operation
) -> None:
    assert Cuts(deployment, disk, tmp_path).check_at_every_step(operation, STRIDES[operation])


def test_a_migration_goes_on_after_a_power_cut(disk: PowerCutDisk, tmp_path: Path) -> None:
    with deployed_on(disk, tmp_path) as old, ExitStack() as copies:
        cuts, cut, statements = Cuts(old, disk, tmp_path), list[Path](), count()

        def cut_the_power(*_: object) -> None:
            if next(statements) % STATEMENTS == 0:
                cut.append(copies.enter_context(disk.cut()))

        old.kill()
        with old.app.app_context():
            downgrade(revision=EARLIER)
            event.listen(db.engine, "after_cursor_execute", cut_the_power)
            upgrade()
            event.remove(db.engine, "after_cursor_execute", cut_the_power)
        cut.append(copies.enter_context(disk.cut()))
        revisions = [revision_of(copy / tmp_path.name) for copy in cut]
        assert revisions[0] == EARLIER
        assert revisions[-1] == revision_of(old.data_dir)
        assert len(set(revisions)) > 2
        for copy in cut:
            # This upgrades, too.
            with cuts.deployed(copy) as copied:
                assert_sound(copied, cuts.witness)


def revision_of(folder: Path) -> str:
    """Return the revision of a database's schema."""
    with closing(sqlite3.connect(folder / "uploads.db")) as connection:
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(revision)


def test_a_first_start_goes_on_after_a_power_cut(disk: PowerCutDisk, tmp_path: Path) -> None:
    name, started = tmp_path.name, list[Server]()
    data_dir = str(disk.folder / name)
    for number, copy in enumerate(
        cuts_during(disk, lambda: started.append(Server(tmp_path, data_dir=data_dir)))
    ):
        assert_can_start(copy / name, tmp_path / f"copy-{number}")
    (server,) = started
    try:
        content = fresh_picture()
        status, body = server.request("POST", COLLECTION, content, "image/png")
        assert status == 201
        with disk.cut() as copy:
            again = Server(tmp_path, data_dir=str(copy / name))
            try:
                again.token = server.token
                path = path_of(json.loads(body)["data"])
                assert again.get(path) == (200, content)
            finally:
                again.kill()
            keys = [secret_keys(load_settings(data_dir=at)) for at in (data_dir, copy / name)]
            assert keys[0] == keys[1]
    finally:
        server.kill()


def assert_can_start(data_dir: Path, folder: Path) -> None:
    """Fail unless the program does everything that comes before its first request."""
    assert secret_keys(load_settings(data_dir=data_dir))
    folder.mkdir()
    made = Deployment(folder, {"data_dir": data_dir})
    try:
        assert made.problems() == []
        assert made.orphans() == set()
    finally:
        made.close()


def cuts_during(disk: PowerCutDisk, act: Callable[[], object]) -> Iterator[Path]:
    """Cut the power again and again while something is done."""
    acting = threading.Thread(target=act)
    acting.start()
    while acting.is_alive():
        with disk.cut() as copy:
            yield copy
    acting.join()


def test_a_secret_key_that_was_generated_stays(disk: PowerCutDisk) -> None:
    (key,) = secret_keys(load_settings(data_dir=disk.folder / "new/key"))
    with disk.cut() as copy:
        assert secret_keys(load_settings(data_dir=copy / "new/key")) == [key]


def test_clients_go_on_after_each_of_several_power_cuts(tmp_path: Path) -> None:
    with PowerCutDisk() as disk, deployed_on(disk, tmp_path) as deployment:
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


@pytest.mark.parametrize("left_out", [None, *FLUSHES])
def test_cuts_find_a_flush_that_is_left_out(
    disk: PowerCutDisk, tmp_path: Path, left_out: str | None
) -> None:
    with deployed_on(disk, tmp_path) as deployment:
        if left_out:
            deployment.leave_out(left_out)
        cuts = Cuts(deployment, disk, tmp_path)
        overwrite_the_log(deployment.data_dir / "uploads.db")
        lost = [cuts.lose(upload(deployment)) for _ in range(CUTS)]
        assert any(lost) is bool(left_out)


APPENDS = 6


@pytest.mark.parametrize("left_out", [None, "file"])
def test_nothing_that_was_flushed_of_a_growing_object_is_lost(
    disk: PowerCutDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left_out: str | None
) -> None:
    monkeypatch.setattr(flush, "is_left_out", lambda each: each == left_out)
    storage, key = LocalStorage(disk.folder / tmp_path.name), new_partial_key()
    whole, lost = b"", list[bool]()

    def cut() -> None:
        """Cut the power, and go on from what was flushed."""
        with disk.cut() as copy:
            copied = LocalStorage(copy / tmp_path.name)
            lost.append(content_of(copied, key)[: len(whole)] != whole)
            if whole and not lost[-1]:
                append(copied, key, len(whole), b"after the cut")
                assert content_of(copied, key) == whole + b"after the cut"

    for number in range(APPENDS):
        part = os.urandom(30_001 * (number + 1))
        with storage.grow(key, lambda: None, begins=number == 0) as growing:
            # What was interrupted, written again and not flushed counts for nothing.
            growing.write(len(whole), [part[::-1], part])
            cut()
            growing.write(len(whole), [part[:7], part[7:]])
            growing.flush()
        whole += part
        cut()
    assert any(lost) is bool(left_out)
    if not left_out:
        new_key = f"{uuid.uuid4()}.bin"
        with storage.open(key) as reader, IncomingFile(reader, sealed=True) as file:
            storage.put(new_key, file)
        storage.delete(key)
        with disk.cut() as copy:
            assert content_of(LocalStorage(copy / tmp_path.name), new_key) == whole


def append(storage: LocalStorage, key: str, at: int, part: bytes) -> None:
    with storage.grow(key, lambda: None, begins=False) as growing:
        growing.write(at, [part])
        growing.flush()


def content_of(storage: LocalStorage, key: str) -> bytes:
    """Return the bytes of an object; none if it is not there."""
    with suppress(ObjectNotFound), storage.open(key) as reader:
        return reader.read()
    return b""


def overwrite_the_log(database: Path) -> None:
    """Have SQLite write its log from the beginning again, as it does every 1000 pages.

    A log that grows makes the ext4 commit its journal, and so the names of other files too.
    """
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE filler AS SELECT zeroblob(4000000) AS content")
        connection.execute("DROP TABLE filler")
        (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
        assert not is_busy


ENDLESS = """
import time
from tests.faults.power_cut import PowerCutDisk

with PowerCutDisk() as disk, disk.cut():
    print(disk.folder, flush=True)
    time.sleep(600)
"""


def test_a_killed_run_leaves_nothing_mounted(disk: PowerCutDisk) -> None:
    killed = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, cwd=PROJECT
    )
    with killed:
        assert killed.stdout
        root = Path(killed.stdout.readline().decode().strip()).parent
        assert len(mounted_below(root)) == 4
        killed.kill()
    until = time.monotonic() + 30
    while root.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not root.exists()
    assert mounted_below(root) == []
    assert disk.folder.is_mount()


def mounted_below(root: Path) -> list[str]:
    """Return the folders below one at which something is mounted."""
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return [each for each in mounts if Path(each).is_relative_to(root)]
