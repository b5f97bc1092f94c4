"""Test the secret key of the settings, and the one that is generated once."""

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from open_event_uploads.accounts.secret_key import secret_keys
from open_event_uploads.errors import InvalidSettings
from open_event_uploads.settings import load_settings

AT_ONCE = 8


def keys_in(folder: Path) -> list[str]:
    return secret_keys(load_settings(data_dir=folder))


@pytest.fixture
def key_file(data_dir: Path) -> Path:
    """Return a folder that has a key already."""
    data_dir.mkdir()
    return data_dir / "secret-key"


def test_the_keys_of_the_settings_are_used_in_their_order(data_dir: Path) -> None:
    new, old = "n" * 40, "o" * 40
    settings = load_settings(data_dir=data_dir, secret_key=f"{new},{old}")
    assert secret_keys(settings) == [new, old]
    assert not data_dir.exists()


def test_a_key_is_made_that_nobody_can_guess(tmp_path: Path) -> None:
    (one,), (other,) = keys_in(tmp_path / "one"), keys_in(tmp_path / "other")
    assert one != other
    assert len(bytes.fromhex(one)) == 32


def test_only_its_owner_can_read_it(data_dir: Path) -> None:
    keys_in(data_dir)
    assert [each.name for each in data_dir.iterdir()] == ["secret-key"]
    assert stat.S_IMODE((data_dir / "secret-key").stat().st_mode) == 0o600
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700


def test_the_second_start_finds_it(data_dir: Path) -> None:
    assert keys_in(data_dir) == keys_in(data_dir)


def test_a_key_that_was_put_there_is_used(key_file: Path) -> None:
    key_file.write_text("k" * 64 + "\n")
    assert keys_in(key_file.parent) == ["k" * 64]


def test_threads_that_start_at_once_agree(tmp_path: Path) -> None:
    for attempt in range(20):
        folder, barrier = tmp_path / str(attempt), Barrier(AT_ONCE)

        def start(folder: Path = folder, barrier: Barrier = barrier) -> list[str]:
            barrier.wait(10)
            return keys_in(folder)

        with ThreadPoolExecutor(AT_ONCE) as threads:
            keys = {
                tuple(each.result()) for each in [threads.submit(start) for _ in range(AT_ONCE)]
            }
        assert len(keys) == 1
        assert [each.name for each in folder.iterdir()] == ["secret-key"]


START = """
import sys
from pathlib import Path
from open_event_uploads.accounts.secret_key import secret_keys
from open_event_uploads.settings import load_settings

settings = load_settings(data_dir=Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
print(secret_keys(settings)[0])
"""


def test_processes_that_start_at_once_agree(data_dir: Path) -> None:
    processes = [
        subprocess.Popen(  # noqa: S603 - our own interpreter and text
            [sys.executable, "-c", START, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(AT_ONCE)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    keys = {process.communicate(timeout=30)[0] for process in processes}
    assert len(keys) == 1
    assert len(keys.pop().strip()) == 64
    assert [each.name for each in data_dir.iterdir()] == ["secret-key"]


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"hunter2", b"\xff" * 64, b"\x00" * 64, "é".encode() * 40],
    ids=["empty", "blank", "short", "binary", "zeroed by a crash", "not ASCII"],
)
def test_a_key_file_that_holds_no_key_stops_the_start(key_file: Path, content: bytes) -> None:
    key_file.write_bytes(content)
    with pytest.raises(InvalidSettings) as refusal:
        keys_in(key_file.parent)
    message = str(refusal.value)
    assert message.startswith("UPLOADS_DATA_DIR: ")
    assert "\n" not in message
    assert "hunter2" not in message
    assert key_file.read_bytes() == content


def test_a_folder_in_place_of_the_key_stops_the_start(key_file: Path) -> None:
    key_file.mkdir()
    with pytest.raises(InvalidSettings, match=r"^UPLOADS_DATA_DIR: "):
        keys_in(key_file.parent)


def test_a_file_in_place_of_the_data_folder_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(InvalidSettings, match=r"^UPLOADS_DATA_DIR: "):
        keys_in(tmp_path / "data")


def test_a_data_folder_that_cannot_be_made_stops_the_start() -> None:
    with pytest.raises(InvalidSettings, match=r"^UPLOADS_DATA_DIR: "):
        keys_in(Path("/proc/uploads"))
