"""One thread of all processes has the lock of a file; the others wait in the kernel."""

import errno
import fcntl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from open_event_uploads.database.lock_file import LockFile

SOON = 30.0


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "lock")


@pytest.fixture
def lock(path: str) -> Iterator[LockFile]:
    lock = LockFile(path)
    yield lock
    lock.close()


@contextmanager
def held_by_another(path: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another process holds the lock until it is killed or the context ends."""
    program = (
        "import fcntl, sys; file = open(sys.argv[1], 'a'); fcntl.flock(file, fcntl.LOCK_EX);"
        "print(flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own program
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def is_free(path: str) -> bool:
    with Path(path).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def in_time(seconds: float = SOON) -> float:
    return time.monotonic() + seconds


def test_nobody_else_has_it_until_it_is_released(lock: LockFile, path: str) -> None:
    assert lock.acquire(in_time())
    assert not is_free(path)
    lock.release()
    assert is_free(path)


def test_it_is_taken_over_from_a_process_that_dies(lock: LockFile, path: str) -> None:
    with held_by_another(path) as process:
        threading.Timer(0.1, process.kill).start()
        assert lock.acquire(in_time())
        assert process.wait(SOON) != 0
        assert not is_free(path)
    lock.release()


def test_who_gives_up_does_not_have_it_and_the_next_one_gets_it(lock: LockFile, path: str) -> None:
    with held_by_another(path) as process:
        assert not lock.acquire(in_time(0.01))
        assert not lock.acquire(in_time(0.01))
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(lock.acquire, in_time())
            process.kill()
            assert found.result(SOON)
    assert not is_free(path)
    lock.release()
    assert is_free(path)


def test_a_lock_that_nobody_wants_any_more_is_released(lock: LockFile, path: str) -> None:
    with held_by_another(path):
        assert not lock.acquire(in_time(0.01))
    until = in_time()
    while not is_free(path):
        assert time.monotonic() < until
        time.sleep(0.001)
    assert lock.acquire(in_time())
    lock.release()


def test_the_next_one_tries_again_where_the_kernel_refuses_to_wait(
    lock: LockFile, path: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        if operation == fcntl.LOCK_EX:
            raise OSError(errno.ENOLCK, "No locks available")
        flock(descriptor, operation)

    flock = fcntl.flock
    with held_by_another(path) as process:
        with monkeypatch.context() as patch:
            patch.setattr(fcntl, "flock", refuse)
            assert not lock.acquire(in_time(0.1))
            assert not lock.acquire(in_time(0.1))
        threading.Timer(0.1, process.kill).start()
        assert lock.acquire(in_time())
    lock.release()
    assert "No locks available" in caplog.text


def test_one_of_several_processes_has_it_at_a_time(path: str) -> None:
    # A descriptor of its own stands for a process: flock compares open files.
    locks = [LockFile(path) for _ in range(3)]
    inside, most = 0, 0

    def take_often(lock: LockFile) -> int:
        nonlocal inside, most
        taken = 0
        for number in range(200):
            # Some give up so soon that the lock comes when nobody wants it.
            if lock.acquire(in_time(SOON if number % 2 else 0.0001)):
                inside += 1
                most = max(most, inside)
                time.sleep(0.0001)
                inside -= 1
                taken += 1
                lock.release()
        return taken

    with ThreadPoolExecutor(len(locks)) as pool:
        taken = list(pool.map(take_often, locks))
    for lock in locks:
        lock.close()
    assert most == 1
    assert all(each >= 100 for each in taken)


def test_a_closed_file_keeps_no_descriptor(path: str) -> None:
    def opened() -> int:
        return sum(each.resolve() == Path(path) for each in Path("/proc/self/fd").iterdir())

    lock = LockFile(path)
    with held_by_another(path):
        assert not lock.acquire(in_time(0.01))
        lock.close()
        assert opened() == 1
    until = in_time()
    while opened():
        assert time.monotonic() < until
        time.sleep(0.001)
