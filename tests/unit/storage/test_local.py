"""Store files on this machine despite power cuts, full disks and foreign files."""

import errno
import os
import resource
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from open_event_uploads.errors import ObjectNotFound, StorageFull, StorageUnavailable
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.spool import open_spool
from open_event_uploads.storage import durable_folders
from open_event_uploads.storage.local import LocalStorage

KEY = "0b6c1e0a-2f5e-4d6d-9d5c-3a8f6b0f7a11.png"
FOLDER = "0b"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "storage"


@pytest.fixture
def storage(root: Path) -> LocalStorage:
    return LocalStorage(root)


def files(root: Path) -> list[str]:
    found = (each.relative_to(root).as_posix() for each in root.rglob("*") if not each.is_dir())
    return sorted(found)


def path_of(root: Path, key: str = KEY) -> Path:
    return root / "objects" / key[:2] / key


# --- Where things are -------------------------------------------------------------------------


def test_an_object_lies_in_a_folder_of_its_first_two_characters(
    storage: LocalStorage, root: Path
) -> None:
    storage.put(KEY, b"x")
    storage.write_marker("one")
    assert files(root) == ["instance", f"objects/{FOLDER}/{KEY}"]


def test_nothing_is_made_before_the_first_write(storage: LocalStorage, root: Path) -> None:
    list(storage.objects())
    storage.read_marker()
    storage.delete(KEY)
    storage.sweep_temporary(timedelta(0))
    with pytest.raises(ObjectNotFound):
        storage.open(KEY)
    assert not root.parent.exists()


def test_nobody_else_can_read_or_run_what_is_stored(storage: LocalStorage, root: Path) -> None:
    before = os.umask(0)
    try:
        storage.put(KEY, b"x")
        storage.write_marker("one")
    finally:
        os.umask(before)
    for path in [root, *root.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & (stat.S_IRWXO | stat.S_IWGRP) == 0, path
        if path.is_file():
            assert mode & 0o111 == 0, path


def test_folders_that_come_back_are_not_needed(storage: LocalStorage, root: Path) -> None:
    storage.put(KEY, b"x")
    storage.delete(KEY)
    (root / "objects" / FOLDER).rmdir()
    (root / "temporary").rmdir()
    storage.put(KEY, b"again")
    with storage.open(KEY) as reader:
        assert reader.read() == b"again"


# --- In which order ---------------------------------------------------------------------------


class Calls:
    """Calls of the system, recorded in their order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
        self.seen: list[tuple[str, str]] = []
        self._root = root
        for name in ("fsync", "rename", "mkdir"):
            monkeypatch.setattr(os, name, self._recording(name, getattr(os, name)))

    def _recording(self, name: str, call: Callable[..., None]) -> Callable[..., None]:
        def recorded(*arguments: object) -> None:
            call(*arguments)
            self.seen.append(
                (name, self._describe(arguments[-1] if name == "rename" else arguments[0]))
            )

        return recorded

    def _describe(self, target: object) -> str:
        path = Path(f"/proc/self/fd/{target}").readlink() if isinstance(target, int) else target
        relative = Path(str(path)).relative_to(self._root).as_posix()
        return "temporary/*" if relative.startswith("temporary/") else relative


def test_bytes_are_flushed_before_they_get_their_name_and_the_name_after(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.put(KEY, b"the folders are there now")
    calls = Calls(monkeypatch, root)
    storage.put(KEY, b"x")
    assert calls.seen == [
        ("fsync", "temporary/*"),
        ("rename", f"objects/{FOLDER}/{KEY}"),
        ("fsync", f"objects/{FOLDER}"),
    ]


def test_once_it_is_prepared_no_write_makes_a_folder_or_flushes_another(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = Calls(monkeypatch, root.parent.parent)
    storage.prepare()
    made = [at for at, (name, _) in enumerate(calls.seen) if name == "mkdir"]
    assert calls.seen.index(("fsync", "deep/storage/objects"), made[-1])
    assert calls.seen[-1] == ("fsync", "deep/storage")
    storage.put("aa.png", b"temporary is there now")
    calls.seen.clear()
    for number in range(256):
        storage.put(f"{number:02x}.png", b"x")
    assert [name for name, _ in calls.seen] == ["fsync", "rename", "fsync"] * 256


def test_what_cannot_be_prepared_is_left_to_the_writes(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(monkeypatch, "mkdir", errno.ENOSPC)
    storage.prepare()
    monkeypatch.undo()
    storage.put(KEY, b"x")
    assert files(root) == [f"objects/{FOLDER}/{KEY}"]


def unnamed(folder: Path | None, content: bytes = b"x" * 1000) -> IncomingFile:
    spool = open_spool(folder)
    spool.append([content])
    return IncomingFile(spool)


def test_a_file_without_a_name_is_given_one_and_not_copied(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.put(KEY, b"the folders are there now")
    calls = Calls(monkeypatch, root)
    with unnamed(storage.spool_folder) as file:
        assert file.descriptor is not None
        storage.put(KEY, file)
        found = path_of(root).stat()
        assert found.st_ino == os.fstat(file.descriptor).st_ino
    assert stat.S_IMODE(found.st_mode) == 0o640
    assert calls.seen == [
        ("fsync", "temporary/*"),
        ("rename", f"objects/{FOLDER}/{KEY}"),
        ("fsync", f"objects/{FOLDER}"),
    ]


def test_a_file_that_has_a_name_or_lies_elsewhere_is_copied(
    storage: LocalStorage, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine").write_bytes(b"x" * 1000)
    named = IncomingFile((tmp_path / "mine").open("rb", buffering=0))
    for file in (named, unnamed(None)):
        with file:
            assert file.descriptor is not None
            storage.put(KEY, file)
            assert path_of(root).stat().st_ino != os.fstat(file.descriptor).st_ino
            assert path_of(root).read_bytes() == b"x" * 1000


@pytest.mark.parametrize("name", ["fchmod", "fsync", "rename"])
def test_a_file_that_cannot_be_kept_is_not_there(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    storage.put("aa.png", b"the folders are there now")
    fail(monkeypatch, name, errno.EIO)
    with unnamed(storage.spool_folder) as file, pytest.raises(StorageUnavailable):
        storage.put("ab.png", file)
    assert files(root) == ["objects/aa/aa.png"]


def test_the_marker_is_written_in_the_same_order(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.put(KEY, b"the folders are there now")
    calls = Calls(monkeypatch, root)
    storage.write_marker("one")
    assert calls.seen == [("fsync", "temporary/*"), ("rename", "instance"), ("fsync", ".")]


def test_every_new_folder_is_flushed_into_its_parent(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = root.parent.parent
    calls = Calls(monkeypatch, base)
    storage.put(KEY, b"x")
    made = [path for name, path in calls.seen if name == "mkdir"]
    assert made == [
        "deep",
        "deep/storage",
        "deep/storage/temporary",
        "deep/storage/objects",
        f"deep/storage/objects/{FOLDER}",
    ]
    for path in made:
        parent = Path(path).parent.as_posix()
        assert ("fsync", parent) in calls.seen[calls.seen.index(("mkdir", path)) :], path


def test_a_write_waits_for_the_folder_that_another_write_is_just_making(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.put("aa.png", b"the folders above are there now")
    events: list[str] = []
    fsync = os.fsync

    def put_another() -> None:
        storage.put("ab2.png", b"y")
        events.append("the other is acknowledged")

    other = Thread(target=put_another)

    def flush(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink() != root / "objects":
            fsync(descriptor)
            return
        if other.ident is None:  # the folder `ab` is made, and not yet durable
            other.start()
            other.join(0.3)
        fsync(descriptor)
        events.append("the folder is durable")

    monkeypatch.setattr(os, "fsync", flush)
    storage.put("ab1.png", b"x")
    other.join(20)
    assert events[0] == "the folder is durable"
    assert "the other is acknowledged" in events


# --- When a write fails -----------------------------------------------------------------------

WRITE_UNDER_A_LIMIT = """
import resource, sys
from pathlib import Path
from open_event_uploads.errors import StorageFull
from open_event_uploads.storage.local import LocalStorage

resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
storage = LocalStorage(Path(sys.argv[1]))
try:
    storage.put("ab.png", b"x" * 200_000)
except StorageFull:
    storage.put("cd.png", b"x" * 100_000)
    print("full, then fine")
"""


def test_a_write_that_the_system_cuts_short_leaves_nothing(
    storage: LocalStorage, root: Path
) -> None:
    # The real thing: the kernel writes half and refuses the rest.
    done = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", WRITE_UNDER_A_LIMIT, str(root)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.stdout == "full, then fine\n", done.stderr
    assert files(root) == ["objects/cd/cd.png"]
    with storage.open("cd.png") as reader:
        assert reader.read() == b"x" * 100_000


def fail(monkeypatch: pytest.MonkeyPatch, name: str, code: int, *, on: int = 1) -> None:
    """Make one call of the system fail, as on a broken or full disk."""
    call, count = getattr(os, name), 0

    def failing(*arguments: object, **named: object) -> object:
        nonlocal count
        count += 1
        if count == on and name == "close":
            call(*arguments)  # Linux lets go of the descriptor even then (close(2), notes)
        if count == on:
            raise OSError(code, os.strerror(code))
        return call(*arguments, **named)

    monkeypatch.setattr(os, name, failing)


@pytest.mark.parametrize("name", ["write", "fsync", "close", "rename"])
@pytest.mark.parametrize(
    ("code", "error"),
    [
        (errno.ENOSPC, StorageFull),
        (errno.EDQUOT, StorageFull),
        (errno.EFBIG, StorageFull),
        (errno.EIO, StorageUnavailable),
        (errno.EROFS, StorageUnavailable),
        (errno.EMFILE, StorageUnavailable),
        (errno.ESTALE, StorageUnavailable),
    ],
)
def test_a_write_that_fails_leaves_nothing_and_the_next_one_works(
    storage: LocalStorage,
    root: Path,
    name: str,
    code: int,
    error: type[Exception],
) -> None:
    storage.put("aa.png", b"the folders are there now")
    with pytest.MonkeyPatch.context() as monkeypatch:
        fail(monkeypatch, name, code)
        with pytest.raises(error):
            storage.put("ab.png", b"x" * 1000)
    assert files(root) == ["objects/aa/aa.png"]
    storage.put("ab.png", b"y")
    assert files(root) == ["objects/aa/aa.png", "objects/ab/ab.png"]


def test_a_folder_that_cannot_be_flushed_fails_the_write(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.put("aa.png", b"the folders are there now")
    fail(monkeypatch, "fsync", errno.EIO, on=2)
    with pytest.raises(StorageUnavailable):
        storage.put("aa1.png", b"x")


def test_a_folder_that_cannot_be_flushed_for_want_of_room_leaves_nothing(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.put("aa.png", b"the folders are there now")
    fail(monkeypatch, "fsync", errno.ENOSPC, on=2)
    with pytest.raises(StorageFull):
        storage.put("aa1.png", b"x")
    assert files(root) == ["objects/aa/aa.png"]


def test_an_interrupt_leaves_nothing(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    storage.root.mkdir(parents=True)
    (root / "temporary").mkdir()
    with pytest.raises(KeyboardInterrupt):
        storage.put(KEY, b"x")
    assert files(root) == []


def test_a_short_write_is_continued(storage: LocalStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda to, content: write(to, bytes(content[:7])))
    storage.put(KEY, b"0123456789" * 10)
    with storage.open(KEY) as reader:
        assert reader.read() == b"0123456789" * 10


def test_a_failed_overwrite_keeps_the_old_object(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.put(KEY, b"old")
    fail(monkeypatch, "fsync", errno.EIO)
    with pytest.raises(StorageUnavailable):
        storage.put(KEY, b"new")
    with storage.open(KEY) as reader:
        assert reader.read() == b"old"


def test_failures_leave_no_file_open(storage: LocalStorage) -> None:
    storage.put(KEY, b"x")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for name in ("write", "fsync", "rename"):
        with pytest.MonkeyPatch.context() as monkeypatch:
            fail(monkeypatch, name, errno.EIO)
            with pytest.raises(StorageUnavailable):
                storage.put(KEY, b"y")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_disk_that_cannot_be_read_is_unavailable(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(monkeypatch, "open", errno.EIO)
    with pytest.raises(StorageUnavailable) as failure:
        storage.open(KEY)
    assert failure.value.headers["Retry-After"]


def test_a_disk_that_cannot_be_listed_is_unavailable(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(monkeypatch, "scandir", errno.EIO)
    with pytest.raises(StorageUnavailable):
        list(storage.objects())


# --- Foreign hands ----------------------------------------------------------------------------


def test_a_file_in_place_of_the_folder_is_unavailable(root: Path, storage: LocalStorage) -> None:
    root.parent.mkdir()
    root.write_text("not a folder")
    with pytest.raises(StorageUnavailable):
        storage.put(KEY, b"x")
    with pytest.raises(StorageUnavailable):
        storage.open(KEY)
    with pytest.raises(StorageUnavailable):
        list(storage.objects())
    with pytest.raises(StorageUnavailable):
        storage.read_marker()


def test_a_link_to_a_volume_that_is_away_is_unavailable(root: Path, storage: LocalStorage) -> None:
    root.parent.mkdir()
    root.symlink_to(root.parent / "not-mounted")
    with pytest.raises(StorageUnavailable):
        storage.put(KEY, b"x")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere; the next test covers it")
def test_a_folder_without_write_permission_is_unavailable(
    storage: LocalStorage, root: Path
) -> None:
    storage.put("aa.png", b"x")
    (root / "temporary").chmod(0o500)
    try:
        with pytest.raises(StorageUnavailable):
            storage.put(KEY, b"x")
    finally:
        (root / "temporary").chmod(0o700)


WRITE_AS_NOBODY = """
import os, sys
from pathlib import Path
from open_event_uploads.errors import StorageUnavailable
from open_event_uploads.storage.local import LocalStorage

storage = LocalStorage(Path(sys.argv[1]))
os.setgid(65534)
os.setuid(65534)
for call in (
    lambda: storage.put("ab.png", b"x"),
    lambda: storage.open("aa.png"),
    lambda: storage.delete("aa.png"),
    lambda: list(storage.objects()),
    storage.read_marker,
):
    try:
        call()
    except StorageUnavailable:
        print("unavailable")
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody without permission")
def test_a_folder_that_the_server_may_not_enter_is_unavailable(
    storage: LocalStorage, root: Path
) -> None:
    storage.put("aa.png", b"x")
    root.chmod(0o700)
    done = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", WRITE_AS_NOBODY, str(root)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.stdout == "unavailable\n" * 5, done.stderr
    assert files(root) == ["objects/aa/aa.png"]


def test_a_link_in_place_of_an_object_is_not_followed(
    storage: LocalStorage, root: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not yours")
    storage.put("0b.png", b"x")
    path_of(root).symlink_to(secret)
    with pytest.raises(StorageUnavailable):
        storage.open(KEY)
    assert [each.key for each in storage.objects()] == ["0b.png"]
    storage.put(KEY, b"mine")
    assert secret.read_text() == "not yours"
    path_of(root).unlink()
    path_of(root).symlink_to(secret)
    storage.delete(KEY)
    assert secret.read_text() == "not yours"


def test_a_folder_in_place_of_an_object_is_unavailable(storage: LocalStorage, root: Path) -> None:
    path_of(root).mkdir(parents=True)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(StorageUnavailable):
        storage.open(KEY)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert list(storage.objects()) == []


@pytest.mark.parametrize(
    "name", ["objects/0b/.DS_Store", "objects/0b/Thumbs.db", "objects/0b/.nfs001", "objects/note"]
)
def test_a_file_that_we_never_made_is_not_an_object(
    storage: LocalStorage, root: Path, name: str
) -> None:
    storage.put(KEY, b"x")
    (root / name).write_text("foreign")
    assert [each.key for each in storage.objects()] == [KEY]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\x00" * 36])
def test_a_damaged_marker_is_neither_absent_nor_anybodys(
    storage: LocalStorage, root: Path, content: bytes
) -> None:
    storage.put(KEY, b"x")
    (root / "instance").write_bytes(content)
    try:
        marker = storage.read_marker()
    except StorageUnavailable:
        return
    assert marker is not None


# --- Interrupted writes -----------------------------------------------------------------------


@pytest.fixture
def interrupted(storage: LocalStorage, root: Path) -> list[Path]:
    """Return the remains of two writes, an hour and two days old."""
    storage.put(KEY, b"x")
    paths = [root / "temporary" / "recent", root / "temporary" / "ancient"]
    for path, age in zip(paths, (3600, 2 * 86_400), strict=True):
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age, time.time() - age))
    return paths


def test_only_old_interrupted_writes_are_swept(
    storage: LocalStorage, interrupted: list[Path]
) -> None:
    recent, ancient = interrupted
    assert storage.sweep_temporary(timedelta(days=1)) == 1
    assert recent.exists()
    assert not ancient.exists()
    assert storage.sweep_temporary(timedelta(days=1)) == 0
    assert [each.key for each in storage.objects()] == [KEY]


def test_a_dry_run_counts_and_removes_nothing(
    storage: LocalStorage, interrupted: list[Path]
) -> None:
    assert storage.sweep_temporary(timedelta(minutes=1), dry_run=True) == 2
    assert all(path.exists() for path in interrupted)


def test_interrupted_writes_are_not_objects(storage: LocalStorage, interrupted: list[Path]) -> None:
    assert interrupted
    assert [each.key for each in storage.objects()] == [KEY]


def test_no_descriptor_left_is_unavailable(storage: LocalStorage) -> None:
    storage.put(KEY, b"x")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, limits[1]))
    try:
        with pytest.raises(StorageUnavailable):
            storage.put(KEY, b"y")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    with storage.open(KEY) as reader:
        assert reader.read() == b"x"


def test_a_pipe_in_place_of_a_file_keeps_nobody_waiting(storage: LocalStorage) -> None:
    storage.put(KEY, b"x")
    path = next(path for path in (storage.root / "objects").rglob("*") if path.is_file())
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(StorageUnavailable):
        storage.open(KEY)


def test_a_marker_that_cannot_be_flushed_is_still_somebodys(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.write_marker("mine")

    def broken(_: object) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(durable_folders, "flush_folder", broken)
    with pytest.raises(StorageUnavailable):
        storage.write_marker("mine")
    assert storage.read_marker() == "mine"
