"""Lock keys between the processes of one machine."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from open_event_uploads.storage import process_locks
from open_event_uploads.storage.local import LocalStorage
from open_event_uploads.storage.memory import MemoryStorage
from open_event_uploads.storage.process_locks import FileLocks, lock_key
from tests.images import noise

# Makes a variant as soon as a file appears, and prints how often it stored one.
_MAKER = """
import sys, time
from pathlib import Path
from types import SimpleNamespace
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.variants.variant import Variant
from open_event_uploads.variants.make import make_variant
from open_event_uploads.storage.local import LocalStorage

class Counting(LocalStorage):
    puts = 0
    def put(self, key, content):
        self.puts += 1
        super().put(key, content)

root = Path(sys.argv[1])
storage = Counting(root)
size = {"width": 2000, "height": 1500, "frames": 1}
upload = SimpleNamespace(key=sys.argv[2], media_type="image/jpeg", **size)
print("ready", flush=True)
while not (root / "go").exists():
    time.sleep(0.001)
make_variant(Variant(upload, Preset("large", 1300, None)), storage=storage)
print(storage.puts)
"""


def test_processes_that_want_one_variant_make_it_once(tmp_path: Path) -> None:
    key = "0b6c1e0a-2f5e-4d6d-9d5c-3a8f6b0f7a11.jpg"
    LocalStorage(tmp_path).put(key, noise((2000, 1500)))
    makers = [
        subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", _MAKER, tmp_path, key], stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for maker in makers:
        assert maker.stdout
        assert maker.stdout.readline() == "ready\n"
    (tmp_path / "go").touch()
    assert sum(int(maker.communicate(timeout=60)[0]) for maker in makers) == 1


def test_holders_of_one_key_take_turns(tmp_path: Path) -> None:
    inside: list[int] = []
    most = []

    def work(number: int) -> None:
        with FileLocks(tmp_path / "locks").hold("a"):
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.01)
            inside.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(24)))
    assert (max(most), len(most)) == (1, 24)


def test_other_keys_do_not_wait(tmp_path: Path) -> None:
    locks = FileLocks(tmp_path)
    with locks.hold("a"), locks.hold("b"):
        assert len(list(tmp_path.iterdir())) == 2


def test_a_process_that_dies_releases_its_lock(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path\n"
        "from open_event_uploads.storage.process_locks import FileLocks\n"
        "with FileLocks(Path(sys.argv[1])).hold('a'): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        holder.kill()
    start = time.monotonic()
    with FileLocks(tmp_path).hold("a"):
        assert time.monotonic() - start < 5


def test_a_holder_that_is_stuck_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_locks, "_TIMEOUT_SECONDS", 0.2)
    held, release = Event(), Event()

    def hold() -> None:
        with FileLocks(tmp_path).hold("a"):
            held.set()
            release.wait(10)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(hold)
        held.wait(10)
        with FileLocks(tmp_path).hold("a"):
            release.set()


def test_where_no_file_can_be_made_the_work_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with FileLocks(tmp_path / "file" / "locks").hold("a"):
        pass


def test_a_storage_without_locks_lets_every_caller_in() -> None:
    with lock_key(MemoryStorage(), "a"), lock_key(MemoryStorage(), "a"):
        pass


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        with FileLocks(tmp_path).hold("a"):
            pass
    assert len(list(Path("/proc/self/fd").iterdir())) == before
