"""Build and install once for all processes of a test run."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.release.packages import Distributions, Environment, build, build_wheel, copy_checkout

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
    def make(folder: Path) -> None:
        build(checkout, folder)
        build_wheel(checkout, folder)

    return Distributions.find(make_once("server", make))


@pytest.fixture(scope="session")
def client_distributions(make_once: MakeOnce, checkout: Path) -> Distributions:
    project = checkout / "clients/python"
    return Distributions.find(make_once("client", lambda folder: build(project, folder)))


@pytest.fixture(scope="session")
def server_environment(make_once: MakeOnce, server_distributions: Distributions) -> Environment:
    """The server's wheel in an empty environment, as pip installs it."""
    return _installed(make_once, "server-environment", server_distributions)


@pytest.fixture(scope="session")
def client_environment(make_once: MakeOnce, client_distributions: Distributions) -> Environment:
    """The Python client's wheel in another one."""
    return _installed(make_once, "client-environment", client_distributions)


def _installed(make_once: MakeOnce, name: str, distributions: Distributions) -> Environment:
    return Environment(
        make_once(name, lambda folder: Environment(folder).install(distributions.wheel))
    )
