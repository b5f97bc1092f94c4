"""A run of the tests that is killed leaves no process and no folder behind."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.machine import chromium, nginx, redis_server

PROJECT = Path(__file__).parents[2]

pytestmark = pytest.mark.default_stack("starts every server by itself")

# Each server that a fixture starts, and then a test that never ends.
TEST = """
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.chromium import launch_chromium
from tests.images import picture
from tests.machine import redis_server
from tests.nginx import Nginx
from tests.postgres import PostgresServer
from tests.redis import RedisServer
from tests.s3 import S3Server
from tests.server import Server


def test_endless(tmp_path: Path) -> None:
    server = Server(tmp_path)
    assert server.request("POST", "/v1/uploads", picture(), "image/png")[0] == 201
    PostgresServer()
    S3Server(tmp_path / "s3")
    RedisServer(redis_server(), tmp_path)
    (tmp_path / "nginx").mkdir()
    Nginx(tmp_path / "nginx", "server { listen {address}; }")
    with sync_playwright() as playwright:
        launch_chromium(playwright)
        Path("ready").touch()
        time.sleep(600)
"""

PROGRAMS = ("manage.py", "decoder", "postgres", "weed", "redis-server", "nginx", "chrom")

# A process's id, and its start time: ids are given again.
Process = tuple[int, str]


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for temporary files, which the user of PostgreSQL can enter."""
    folder = Path(tempfile.mkdtemp(prefix="uploads-tests-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("options", [["-n0"], ["-n1"]], ids=["alone", "with pytest-xdist"])
def test_a_killed_run_leaves_nothing_behind(
    tmp_path: Path, temporary: Path, options: list[str]
) -> None:
    assert all([chromium(), nginx(), redis_server()])
    (tmp_path / "test_endless.py").write_text(TEST)
    with (tmp_path / "log").open("wb") as log:
        killed = subprocess.Popen(  # noqa: S603 - our own program
            [
                *(sys.executable, "-m", "pytest", *options, "-p", "no:cacheprovider"),
                *("-p", "tests.conftest", f"--rootdir={tmp_path}", f"--basetemp={tmp_path}/base"),
                "test_endless.py",
            ],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(PROJECT), "TMPDIR": str(temporary), "CI": "1"},
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(lambda: (tmp_path / "ready").exists() or killed.poll() is not None, 90)
        started = descendants(killed.pid)
        commands = " ".join(command_of(process) for process, _ in started)
        missing = [each for each in PROGRAMS if each not in commands]
        assert missing == [], (tmp_path / "log").read_text()
    finally:
        killed.kill()
        killed.wait()
    wait_until(lambda: not any(is_running(each) for each in started), 30)
    left = {process: command_of(process) for process, _ in filter(is_running, started)}
    for process in left:
        os.kill(process, signal.SIGKILL)
    assert left == {}
    # A killed Chromium leaves its profile, one folder.
    wait_until(lambda: len(list(temporary.iterdir())) <= 1, 10)
    assert all("playwright" in each.name for each in temporary.iterdir())


def wait_until(is_true: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not is_true() and time.monotonic() < until:
        time.sleep(0.1)


def descendants(process: int) -> list[Process]:
    """Return the processes that this one has started, and those that they have."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := stat_of(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = list(children.get(process, []))
    for each in found:
        found.extend(children.get(each, []))
    return [(each, fields[19]) for each in found if (fields := stat_of(each))]


def is_running(process: Process) -> bool:
    fields = stat_of(process[0])
    return fields is not None and fields[19] == process[1] and fields[0] != "Z"


def stat_of(process: int) -> list[str] | None:
    """Return the fields after a process's name: state, parent, … (proc_pid_stat(5))."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def command_of(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
