"""Build and install once for all processes of a test run."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.release.packages import Distributions, Environment, build, copy_checkout

MakeOnce = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def make_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> MakeOnce:
    """Have one process of pytest-xdist make a folder, and the others wait for it."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent

    def make_once(name: str, make: Callable[[Path], None]) -> Path:
        folder, done = shared / name, shared / f"{name}.done"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return make_once


@pytest.fixture(scope="session")
def checkout(make_once: MakeOnce) -> Path:
    """A copy of the checkout, with stray files in it."""
    return make_once("checkout", copy_checkout)


@pytest.fixture(scope="session")
def server_distributions(make_once: MakeOnce, checkout: Path) -> Distributions:
    return Distributions.find(make_once("server", lambda folder: build(checkout, folder)))


@pytest.fixture(scope="session")
def server_environment(make_once: MakeOnce, server_distributions: Distributions) -> Environment:
    """The server's wheel in an empty environment, as pip installs it."""

    def make(folder: Path) -> None:
        Environment(folder).install(server_distributions.wheel)

    return Environment(make_once("server-environment", make))
