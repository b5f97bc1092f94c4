"""A disk that is full, cannot be written, or fails at fsync, under the real server."""

import json
import os
import resource
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from open_event_uploads.errors import StorageFull
from open_event_uploads.storage.keys import new_partial_key
from open_event_uploads.storage.local import LocalStorage
from tests.documents import COLLECTION
from tests.faults.deployment import Deployment
from tests.faults.operations import Acknowledged, ask, content_of, upload
from tests.faults.resumable import Sending, append, begun, finish, go_on, offset_of
from tests.images import noise
from tests.machine import cannot, strace

pytestmark = [pytest.mark.server, pytest.mark.default_stack("fills a folder's disk")]

DISK_BYTES = 6 * 1024**2


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount("-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", folder)
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)  # noqa: S603, S607 - the system's


def mount(*arguments: object) -> None:
    words = ["mount", *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - the system's
    if done.returncode:
        # A container may not, whoever one is in it: the limit of a file's size says the same.
        cannot(f"no file system can be mounted here: {done.stderr.strip()}")


def fill(folder: Path) -> Path:
    """Takes all room that is left."""
    filler = folder / "filler"
    with filler.open("wb") as file:
        try:
            while True:
                file.write(b"x" * 65536)
                file.flush()
        except OSError:
            pass
    with filler.open("ab", buffering=0) as file:
        try:
            while True:
                file.write(b"x")
        except OSError:
            return filler


def assert_refused(deployment: Deployment, content: bytes, code: str, *statuses: int) -> None:
    status, body = ask(deployment, "POST", COLLECTION, content, "image/jpeg")
    assert status in statuses, body
    (error,) = json.loads(body)["errors"]
    assert error["code"] == code


def temporary(storage: Path) -> list[Path]:
    return list((storage / "temporary").iterdir())


PICTURE = noise((400, 400))


def assert_reads_go_on(deployment: Deployment, before: Acknowledged) -> None:
    assert ask(deployment, "GET", COLLECTION)[0] == 200
    assert content_of(deployment, before.id) == before.content


def test_a_full_disk_is_507_and_goes_on_when_there_is_room_again(
    tmp_path: Path, disk: Path
) -> None:
    deployment = Deployment(tmp_path, {"storage_url": f"file://{disk}/storage"})
    try:
        before = upload(deployment)
        filler = fill(disk)
        for _ in range(3):
            assert_refused(deployment, PICTURE, "storage-full", 507)
            assert_reads_go_on(deployment, before)
        assert temporary(disk / "storage") == []
        assert deployment.owned() == deployment.keys()
        # What makes room works on a full disk.
        assert ask(deployment, "DELETE", f"{COLLECTION}/{before.id}")[0] == 204
        filler.unlink()
        upload(deployment)
        assert deployment.problems() == []
        assert deployment.orphans() == set()
    finally:
        deployment.close()


def test_an_object_that_grows_goes_on_when_there_is_room_again(disk: Path) -> None:
    storage, key = LocalStorage(disk / "storage"), new_partial_key()
    first, second = b"1" * 100_001, b"2" * 1_000_000
    with storage.grow(key, lambda: None, begins=True) as growing:
        growing.write(0, [first])
        growing.flush()
        filler = fill(disk)
        os.truncate(filler, filler.stat().st_size - len(second) // 2)
        for _ in range(3):
            with pytest.raises(StorageFull):
                growing.write(len(first), [second])
            with storage.open(key) as reader:
                assert reader.read() == first
        filler.unlink()
        growing.write(len(first), [second])
        growing.flush()
    with storage.open(key) as reader:
        assert reader.read() == first + second


def test_a_disk_full_for_the_database_is_no_server_error_of_ours(
    tmp_path: Path, disk: Path
) -> None:
    deployment = Deployment(tmp_path, {"database_url": f"sqlite:///{disk}/uploads.db"})
    try:
        before = upload(deployment)
        filler = fill(disk)
        for _ in range(3):
            status, body = ask(deployment, "POST", COLLECTION, PICTURE, "image/jpeg")
            assert status in {503, 507}, body
        assert_reads_go_on(deployment, before)
        filler.unlink()
        upload(deployment)
        deployment.sweep()
        assert deployment.problems() == []
        assert deployment.orphans() == set()
    finally:
        deployment.close()


def test_a_resumable_upload_goes_on_when_there_is_room_again(tmp_path: Path, disk: Path) -> None:
    deployment = Deployment(tmp_path, {"storage_url": f"file://{disk}/storage"})
    try:
        sending, untouched = begun(deployment, Sending(PICTURE), 1000), begun(deployment, Sending())
        filler = fill(disk)
        for _ in range(3):
            assert append(deployment, sending, len(PICTURE) // 2) == 507
            assert append(deployment, untouched, 50) == 507
            assert offset_of(deployment, sending) == 1000
            assert offset_of(deployment, untouched) == 0
        assert deployment.owned() == deployment.keys()
        filler.unlink()
        go_on(deployment, sending)
        go_on(deployment, untouched)
        assert deployment.problems() == []
        assert deployment.orphans() == set()
    finally:
        deployment.close()


def test_a_resumable_upload_goes_on_when_there_is_room_for_the_database_again(
    tmp_path: Path, disk: Path
) -> None:
    deployment = Deployment(tmp_path, {"database_url": f"sqlite:///{disk}/uploads.db"})
    try:
        sending = begun(deployment, Sending(PICTURE), 1000)
        filler = fill(disk)
        for _ in range(3):
            assert append(deployment, sending, len(PICTURE) // 2) in {503, 507}
        filler.unlink()
        go_on(deployment, sending)
        deployment.sweep()
        assert deployment.problems() == []
        assert deployment.orphans() == set()
    finally:
        deployment.close()


def test_a_folder_that_became_read_only(tmp_path: Path, disk: Path) -> None:
    deployment = Deployment(tmp_path, {"storage_url": f"file://{disk}/storage"})
    try:
        before = upload(deployment)
        mount("-o", "remount,ro", disk)
        assert_refused(deployment, PICTURE, "storage-unavailable", 503)
        assert_reads_go_on(deployment, before)
        mount("-o", f"remount,rw,size={DISK_BYTES}", disk)
        upload(deployment)
        assert deployment.problems() == []
    finally:
        deployment.close()


def test_a_limit_of_a_files_size_is_a_full_disk(tmp_path: Path) -> None:
    """For machines where nothing can be mounted; the limit is set on the running workers."""
    deployment = Deployment(tmp_path, {})
    try:
        before = upload(deployment)
        limit(deployment, 4 * 1024**2)
        large = noise((2400, 2400), quality=95)
        assert len(large) > 4 * 1024**2
        assert_refused(deployment, large, "storage-full", 507)
        assert_reads_go_on(deployment, before)
        assert temporary(tmp_path / "data/storage") == []
        limit(deployment, None)
        upload(deployment)
        assert deployment.problems() == []
        assert deployment.orphans() == set()
    finally:
        deployment.close()


def limit(deployment: Deployment, size: int | None) -> None:
    """The soft RLIMIT_FSIZE of every process of the server."""
    for process in deployment.server.processes():
        _, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
        soft = hard if size is None or hard != resource.RLIM_INFINITY else size
        resource.prlimit(process, resource.RLIMIT_FSIZE, (soft, hard))


# The steps of a put, at each of which a disk may fail.
@pytest.mark.parametrize("step", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("error", ["EIO", "ENOSPC", "EDQUOT"])
def test_a_step_that_fails_is_no_201_and_leaves_nothing(
    failing: Deployment, step: int, error: str
) -> None:
    before = failing.owned()
    with failing.armed(f"{step} {error}"):
        status, body = ask(failing, "POST", COLLECTION, PICTURE, "image/jpeg")
    assert failing.passed(), "nothing was reached"
    assert status in {503, 507}, body
    assert failing.owned() == before
    assert failing.orphans() == set()
    assert failing.problems() == []


# Of a request that finishes a resumable upload: those of its bytes, and those of the put.
@pytest.mark.parametrize("step", [3, 4, 8, 9, 10, 11, 12])
@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
def test_a_resumable_upload_goes_on_after_a_step_that_failed(
    failing: Deployment, step: int, error: str
) -> None:
    attempt = finish(failing)
    with failing.armed(f"{step} {error}"):
        assert attempt.act() in {503, 507}
    assert failing.passed()[step - 1].partition(".")[0] in {"append", "put"}
    attempt.check(failing, None)
    assert failing.problems() == []
    failing.sweep()
    assert failing.orphans() == set()


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    found = Deployment(tmp_path_factory.mktemp("failing"), {})
    upload(found)
    yield found
    found.close()


def test_an_error_of_fsync_itself_is_no_201(tmp_path: Path) -> None:
    inject = [strace(), "-f", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO"]
    deployment = Deployment(tmp_path, {})
    try:
        before = upload(deployment)
        tracers = [
            subprocess.Popen(  # noqa: S603 - the system's
                [*inject, "-p", str(process)],
                stderr=subprocess.DEVNULL,
            )
            for process in deployment.server.processes()
        ]
        try:
            wait_for_tracers(deployment)
            status, body = ask(deployment, "POST", COLLECTION, PICTURE, "image/jpeg")
            assert status in {503, 507}, body
        finally:
            for each in tracers:
                each.terminate()
                each.wait()
        assert temporary(tmp_path / "data/storage") == []
        assert content_of(deployment, before.id) == before.content
        upload(deployment)
        assert deployment.problems() == []
    finally:
        deployment.close()


def wait_for_tracers(deployment: Deployment) -> None:
    """Wait until strace follows every thread of the server."""
    until = time.monotonic() + 30
    for process in deployment.server.processes():
        while not all(is_traced(each) for each in Path(f"/proc/{process}/task").iterdir()):
            assert time.monotonic() < until
            time.sleep(0.01)


def is_traced(thread: Path) -> bool:
    return "TracerPid:\t0\n" not in (thread / "status").read_text()
