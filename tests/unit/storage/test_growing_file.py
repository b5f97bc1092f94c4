"""Append to an object of a folder: one writer at a time, and nothing counts before a flush."""

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from threading import Barrier, Event, Lock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.errors import (
    ObjectNotFound,
    StorageFull,
    StorageUnavailable,
    UploadLocked,
)
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.metrics.instruments import REGISTRY
from open_event_uploads.storage import open_storage, process_locks
from open_event_uploads.storage.capabilities import grower_of
from open_event_uploads.storage.keys import is_partial, new_partial_key
from open_event_uploads.storage.local import LocalStorage
from open_event_uploads.storage.memory import MemoryStorage
from open_event_uploads.storage.moving import MovingStorage
from tests.unit.storage.test_local import fail, files

KEY = "partial/0b6c1e0a-2f5e-4d6d-9d5c-3a8f6b0f7a11"
NEW_KEY = "0b6c1e0a-2f5e-4d6d-9d5c-3a8f6b0f7a12.png"


def always() -> None:
    pass


def never() -> None:
    raise UploadLocked("Somebody else writes.")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "storage"


@pytest.fixture
def storage(root: Path) -> LocalStorage:
    return LocalStorage(root)


def path_of(root: Path) -> Path:
    return root / "objects/partial/0b" / KEY.rpartition("/")[2]


def content_of(storage: LocalStorage, key: str = KEY) -> bytes:
    with storage.open(key) as reader:
        return reader.read()


def append(
    storage: LocalStorage, at: int, *parts: bytes, may_write: Callable[[], None] = always
) -> None:
    with storage.grow(KEY, may_write, begins=at == 0) as growing:
        growing.write(at, parts)
        growing.flush()


# --- An object like any other -----------------------------------------------------------------


def test_it_grows_from_one_opening_to_the_next(storage: LocalStorage) -> None:
    append(storage, 0, b"one", b"", b"two")
    append(storage, 6, b"three")
    assert content_of(storage) == b"onetwothree"
    assert [(each.key, each.size) for each in storage.objects()] == [(KEY, 11)]
    storage.delete(KEY)
    assert list(storage.objects()) == []


def test_a_key_of_a_part_is_one_and_no_other_is() -> None:
    assert is_partial(new_partial_key())
    assert new_partial_key() != new_partial_key()
    assert not is_partial(NEW_KEY)


def test_only_a_folder_grows_and_of_a_move_the_new_one(storage: LocalStorage) -> None:
    memory = MemoryStorage()
    assert grower_of(memory) is None
    assert grower_of(storage) is storage
    assert grower_of(MovingStorage(memory, storage)) is None
    grower = grower_of(MovingStorage(storage, memory))
    assert grower is not None
    with grower.grow(KEY, always, begins=True) as growing:
        growing.write(0, [b"x"])
    assert list(memory.objects()) == []
    with grower.grow(KEY, always, begins=False) as growing:
        growing.write(1, [b"y"])
    assert content_of(storage) == b"xy"


def test_what_the_previous_storage_of_a_move_has_does_not_grow_even_in_a_copy(
    storage: LocalStorage,
) -> None:
    previous = MemoryStorage()
    grower = grower_of(MovingStorage(storage, previous))
    assert grower is not None
    previous.put(KEY, b"x")
    with pytest.raises(ObjectNotFound):
        grower.grow(KEY, always, begins=False)
    storage.put(KEY, b"x")
    with pytest.raises(ObjectNotFound):
        grower.grow(KEY, always, begins=False)
    previous.delete(KEY)
    with grower.grow(KEY, always, begins=False) as growing:
        growing.write(1, [b"y"])
    assert content_of(storage) == b"xy"


def test_what_is_not_there_is_begun_and_nothing_is_begun_twice(
    storage: LocalStorage, root: Path
) -> None:
    with pytest.raises(ObjectNotFound):
        storage.grow(KEY, always, begins=False)
    assert not root.exists()
    append(storage, 0, b"x")
    with pytest.raises(StorageUnavailable):
        storage.grow(KEY, always, begins=True)
    assert content_of(storage) == b"x"


def test_it_has_the_mode_of_an_object(storage: LocalStorage, root: Path) -> None:
    append(storage, 0, b"x")
    storage.put(NEW_KEY, b"x")
    modes = {stat.S_IMODE(each.stat().st_mode) for each in root.rglob("0b6c*")}
    assert modes == {0o640}


@pytest.mark.parametrize("foreign", ["link", "pipe", "folder"])
def test_what_is_no_file_is_not_written_to(
    storage: LocalStorage, root: Path, tmp_path: Path, foreign: str
) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"not ours")
    path_of(root).parent.mkdir(parents=True)
    make = {
        "link": lambda: path_of(root).symlink_to(outside),
        "pipe": lambda: os.mkfifo(path_of(root)),
        "folder": lambda: path_of(root).mkdir(),
    }
    make[foreign]()
    for begins in (True, False):
        with pytest.raises(StorageUnavailable):
            storage.grow(KEY, always, begins=begins)
    assert outside.read_bytes() == b"not ours"


@pytest.mark.parametrize("key", ["../x", "/etc/passwd", "partial/../x", "partial/"])
def test_a_key_that_we_would_never_make_is_refused(storage: LocalStorage, key: str) -> None:
    with pytest.raises(ValueError, match="not a storage key"):
        storage.grow(key, always, begins=True)


# --- What was interrupted ---------------------------------------------------------------------


def test_a_write_ends_the_object_and_replaces_what_was_not_acknowledged(
    storage: LocalStorage,
) -> None:
    append(storage, 0, b"0123456789")
    append(storage, 4, b"x")
    assert content_of(storage) == b"0123x"


def test_it_is_cut_to_a_size(storage: LocalStorage) -> None:
    append(storage, 0, b"0123456789")
    with storage.grow(KEY, always, begins=False) as growing:
        growing.truncate(4)
        growing.flush()
    assert content_of(storage) == b"0123"


@pytest.mark.parametrize("cut", [True, False])
def test_bytes_that_are_missing_before_are_not_made_up(storage: LocalStorage, *, cut: bool) -> None:
    append(storage, 0, b"0123")
    with storage.grow(KEY, always, begins=False) as growing:
        with pytest.raises(ObjectNotFound):
            growing.truncate(5) if cut else growing.write(5, [b"x"])
        growing.write(4, [b"x"])
    assert content_of(storage) == b"0123x"


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["write", "truncate", "flush", "reopen"]),
        st.integers(0, 40),
        st.lists(st.binary(max_size=20), max_size=4),
    ),
    max_size=30,
)


@given(steps=STEPS)
def test_it_has_what_a_bytearray_would_have(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, list[bytes]]]
) -> None:
    storage = LocalStorage(tmp_path_factory.mktemp("storage"))
    growing, model = storage.grow(KEY, always, begins=True), bytearray()
    for name, back, parts in steps:
        at = max(0, len(model) - back)
        match name:
            case "write":
                growing.write(at, parts)
                model[at:] = b"".join(parts)
            case "truncate":
                growing.truncate(at)
                del model[at:]
            case "flush":
                growing.flush()
            case _:  # as after a crash, which leaves the other one open
                growing = storage.grow(KEY, always, begins=False)
        assert content_of(storage) == model


# --- Metrics ----------------------------------------------------------------------------------


def test_what_grows_is_timed_and_its_failures_are_counted(tmp_path: Path) -> None:
    storage = open_storage(f"file://{tmp_path}/storage")
    grower = grower_of(storage)
    assert grower is not None

    def figures() -> list[float]:
        names = product(("seconds_count", "failures_total"), ("append", "flush"))
        found = (
            REGISTRY.get_sample_value(f"uploads_storage_{metric}", {"operation": operation})
            for metric, operation in names
        )
        return [each or 0 for each in found]

    before = figures()
    with grower.grow(KEY, always, begins=True) as growing:
        growing.write(0, [b"x"])
        growing.flush()
        with pytest.MonkeyPatch.context() as monkeypatch:
            fail(monkeypatch, "fstat", errno.EIO)
            with pytest.raises(StorageUnavailable):
                growing.write(1, [b"y"])
    with grower.grow(KEY, never, begins=False) as growing, pytest.raises(UploadLocked):
        growing.write(1, [b"y"])
    assert [now - then for now, then in zip(figures(), before, strict=True)] == [3, 1, 1, 0]


# --- One writer at a time ---------------------------------------------------------------------


def test_who_lost_the_turn_writes_and_cuts_nothing(storage: LocalStorage) -> None:
    append(storage, 0, b"0123")
    with storage.grow(KEY, never, begins=False) as growing:
        with pytest.raises(UploadLocked):
            growing.write(2, [b"x"])
        with pytest.raises(UploadLocked):
            growing.truncate(2)
    append(storage, 4, b"and the lock is free")
    assert content_of(storage) == b"0123and the lock is free"


def test_the_turn_is_looked_up_when_no_other_can_write(storage: LocalStorage) -> None:
    append(storage, 0, b"0123")
    events, is_inside, go_on = list[str](), Event(), Event()

    def look_up_slowly() -> None:
        is_inside.set()
        go_on.wait(20)
        events.append("the first looked up its token")

    def look_up() -> None:
        events.append("the second looked up its token")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(append, storage, 4, b"first", may_write=look_up_slowly)
        assert is_inside.wait(20)
        second = pool.submit(append, storage, 4, b"second", may_write=look_up)
        with pytest.raises(TimeoutError):
            second.result(0.3)
        go_on.set()
        first.result(20)
        second.result(20)
    assert events == ["the first looked up its token", "the second looked up its token"]
    assert content_of(storage) == b"0123second"


def test_writers_that_take_the_turn_from_each_other_lose_nothing(storage: LocalStorage) -> None:
    lock, start, committed, token = Lock(), Barrier(4), bytearray(), 0
    storage.grow(KEY, always, begins=True).close()

    def work(name: int) -> int:
        fenced = 0
        start.wait(20)
        for number in range(25):
            try:
                take_the_turn_and_write(f"{name} {number} ".encode() * 50)
            except UploadLocked:
                fenced += 1
        return fenced

    def take_the_turn_and_write(part: bytes) -> None:
        nonlocal token
        with lock:
            token += 1
            mine, at = token, len(committed)

        def has_the_turn() -> None:
            if token != mine:
                never()

        with storage.grow(KEY, has_the_turn, begins=False) as growing:
            growing.write(at, [part[:3], part[3:]])
            growing.flush()
        with lock:
            if token == mine:
                committed.extend(part)

    with ThreadPoolExecutor(4) as pool:
        fenced = sum(pool.map(work, range(4)))
    assert fenced
    assert committed
    assert content_of(storage)[: len(committed)] == committed


HOLDER = """
import sys, time
from pathlib import Path
from open_event_uploads.storage.local import LocalStorage

def hang():
    print("held", flush=True)
    time.sleep(600)

LocalStorage(Path(sys.argv[1])).grow(sys.argv[2], hang, begins=False).write(4, [b"late"])
"""


def test_a_process_that_is_stuck_is_not_waited_for_for_ever_and_a_dead_one_not_at_all(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(storage, 0, b"0123")
    command = [sys.executable, "-c", HOLDER, str(root), KEY]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:  # noqa: S603 - our own program
        try:
            assert holder.stdout
            assert holder.stdout.readline() == b"held\n"
            with monkeypatch.context() as hurried:
                hurried.setattr(process_locks, "_TIMEOUT_SECONDS", 0.2)
                with pytest.raises(StorageUnavailable) as failure:
                    append(storage, 4, b"x")
            assert failure.value.headers["Retry-After"]
        finally:
            holder.kill()
    append(storage, 4, b"x")
    assert content_of(storage) == b"0123x"


# --- When it fails ----------------------------------------------------------------------------

WRITE_UNDER_A_LIMIT = """
import resource, sys
from pathlib import Path
from open_event_uploads.errors import StorageFull
from open_event_uploads.storage.local import LocalStorage

_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
with LocalStorage(Path(sys.argv[1])).grow(sys.argv[2], lambda: None, begins=True) as growing:
    growing.write(0, [b"a" * 50_000])
    try:
        growing.write(50_000, [b"b" * 60_000, b"c"])
    except StorageFull:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        growing.write(50_000, [b"d" * 60_000])
        growing.flush()
        print("full, then fine")
"""


def test_a_write_that_the_system_cuts_short_can_be_done_again(
    storage: LocalStorage, root: Path
) -> None:
    # The real thing: the kernel writes half and refuses the rest.
    done = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", WRITE_UNDER_A_LIMIT, str(root), KEY],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "full, then fine\n", done.stderr
    assert content_of(storage) == b"a" * 50_000 + b"d" * 60_000


@pytest.mark.parametrize("name", ["pwritev", "fstat", "ftruncate"])
@pytest.mark.parametrize(
    ("code", "error"), [(errno.ENOSPC, StorageFull), (errno.EIO, StorageUnavailable)]
)
def test_a_write_that_fails_can_be_done_again(
    storage: LocalStorage, name: str, code: int, error: type[Exception]
) -> None:
    append(storage, 0, b"0123 and more")
    with storage.grow(KEY, always, begins=False) as growing:
        with pytest.MonkeyPatch.context() as monkeypatch:
            fail(monkeypatch, name, code)
            with pytest.raises(error):
                growing.write(4, [b"x" * 1000])
        growing.write(4, [b"y"])
        growing.flush()
    assert content_of(storage) == b"0123y"


def test_what_does_not_fit_is_given_back(storage: LocalStorage) -> None:
    append(storage, 0, b"0123")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(os, "pwritev", lambda to, parts, at: os.pwrite(to, parts[0][:7], at))
        fail(monkeypatch, "pwrite", errno.ENOSPC, on=2)
        with pytest.raises(StorageFull):
            append(storage, 4, b"x" * 1000)
    assert content_of(storage) == b"0123"


@pytest.mark.parametrize("on", [1, 2])
@pytest.mark.parametrize(
    ("code", "error"), [(errno.ENOSPC, StorageFull), (errno.EIO, StorageUnavailable)]
)
def test_what_could_not_be_flushed_is_never_taken_for_flushed(
    storage: LocalStorage, on: int, code: int, error: type[Exception]
) -> None:
    with storage.grow(KEY, always, begins=True) as growing:
        growing.write(0, [b"0123"])
        with pytest.MonkeyPatch.context() as monkeypatch:
            fail(monkeypatch, "fsync", code, on=on)
            with pytest.raises(error):
                growing.flush()
        with pytest.raises(StorageUnavailable):
            growing.flush()
        with pytest.raises(StorageUnavailable):
            growing.write(4, [b"x"])
        with pytest.raises(StorageUnavailable):
            growing.truncate(0)
    with storage.grow(KEY, always, begins=False) as growing:
        growing.write(0, [b"45"])
        growing.flush()
    assert content_of(storage) == b"45"


@pytest.mark.parametrize("name", ["open", "mkdir"])
def test_what_cannot_be_made_is_not_there(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    fail(monkeypatch, name, errno.ENOSPC)
    with pytest.raises(StorageFull):
        storage.grow(KEY, always, begins=True)
    assert files(root) == []


def test_no_file_stays_open(storage: LocalStorage, root: Path) -> None:
    append(storage, 0, b"x")
    before = len(list(Path("/proc/self/fd").iterdir()))
    append(storage, 1, b"x")
    with storage.grow(KEY, always, begins=False) as growing:
        growing.close()
    (root / "link").hardlink_to(path_of(root))
    with pytest.raises(ObjectNotFound):
        storage.grow(KEY, always, begins=False)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


# --- Flushes ----------------------------------------------------------------------------------


def flushed(storage: LocalStorage, monkeypatch: pytest.MonkeyPatch, at: int) -> list[str]:
    """Return what an append flushes, by the path below the storage."""
    fsync, seen = os.fsync, list[str]()

    def record(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        seen.append(path.relative_to(storage.root).as_posix())
        fsync(descriptor)

    with monkeypatch.context() as recording, storage.grow(KEY, always, begins=False) as growing:
        growing.write(at, [b"x"])
        recording.setattr(os, "fsync", record)
        growing.flush()
        growing.write(at + 1, [b"y"])
        growing.flush()
    return seen


def test_the_first_flush_makes_the_name_durable_and_the_others_need_not(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = f"objects/{KEY[:8]}0b/{KEY[8:]}"
    # Its maker died before the flush, in another process.
    LocalStorage(root).grow(KEY, always, begins=True).close()
    folders = ["objects/partial/0b", "objects/partial", "objects", "."]
    assert flushed(storage, monkeypatch, 0) == [file, *folders, file]
    assert flushed(storage, monkeypatch, 2) == [file, file]


# --- At the end -------------------------------------------------------------------------------


def adopt(storage: LocalStorage, *, sealed: bool = True) -> None:
    with storage.open(KEY) as reader, IncomingFile(reader, sealed=sealed) as file:
        storage.put(NEW_KEY, file)


def test_a_sealed_file_is_put_under_another_key_without_a_copy(
    storage: LocalStorage, root: Path
) -> None:
    append(storage, 0, b"0123")
    os.utime(path_of(root), (1, 1))
    inode = path_of(root).stat().st_ino
    adopt(storage)
    assert content_of(storage, NEW_KEY) == b"0123"
    storage.delete(KEY)
    (found,) = (path for path in root.rglob("*") if path.is_file())
    assert (found.stat().st_ino, found.name) == (inode, NEW_KEY)
    assert stat.S_IMODE(found.stat().st_mode) == 0o640
    # The sweeper must not take a fresh object for an old one.
    (listed,) = storage.objects()
    assert listed.modified_at.year > 2000


def test_a_file_that_is_not_sealed_is_copied(storage: LocalStorage, root: Path) -> None:
    append(storage, 0, b"0123")
    adopt(storage, sealed=False)
    assert path_of(root).stat().st_nlink == 1
    assert content_of(storage, NEW_KEY) == b"0123"


def test_what_was_put_under_another_key_never_changes(storage: LocalStorage) -> None:
    append(storage, 0, b"0123")
    with storage.grow(KEY, always, begins=False) as late:
        adopt(storage)
        with pytest.raises(ObjectNotFound):
            late.write(4, [b"x"])
        with pytest.raises(ObjectNotFound):
            late.truncate(0)
    with pytest.raises(ObjectNotFound):
        storage.grow(KEY, always, begins=False)
    assert content_of(storage, NEW_KEY) == b"0123"


def test_what_was_deleted_is_not_written_to(storage: LocalStorage) -> None:
    append(storage, 0, b"0123")
    with storage.grow(KEY, always, begins=False) as late:
        storage.delete(KEY)
        with pytest.raises(ObjectNotFound):
            late.write(4, [b"x"])
