"""Find the programs that tests need, or skip the tests."""

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import NoReturn

import pytest


def cannot(reason: str) -> NoReturn:
    """Skip the test; fail it in CI, where nobody would notice."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _program(needed: str, *names: str, path: str | None = None) -> str:
    """Return the path of a program, or skip the test.

    Args:
        needed: what it is called in the reason.
        names: that it may have.
        path: where to look, other than the usual folders.
    """
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    cannot(f"these tests need {needed}")


def chromium() -> str:
    """Return the path of the system's Chromium; none is downloaded."""
    return _program("Chromium", "chromium", "chromium-browser", "google-chrome")


def redis_server() -> str:
    """Return the path of the system's Redis server."""
    return _program("Redis", "redis-server")


def nginx() -> str:
    """Return the path of the system's nginx."""
    return _program("nginx", "nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")


def strace() -> str:
    """Return the path of strace, which makes system calls fail."""
    return _program("strace", "strace")


def openssl() -> str:
    """Return the path of the system's OpenSSL."""
    return _program("OpenSSL", "openssl")


def libfaketime() -> str:
    """Return the path of libfaketime, which gives a process another time of day."""
    for found in Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"):
        return str(found)
    cannot("these tests need libfaketime (Debian's package faketime)")


def ipv6_loopback() -> str:
    """Return the loopback address of IPv6."""
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            cannot("these tests need IPv6")
    return "::1"


def node_with_packages(folder: Path) -> str:
    """Install the packages of the lock file in a folder, and return the path of Node."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        cannot("these tests need Node and npm")
    # npm writes this one last, so an interrupted installation is made again.
    installed = folder / "node_modules/.package-lock.json"
    with one_process_at_a_time(folder):
        if (
            not installed.exists()
            or installed.stat().st_mtime < (folder / "package-lock.json").stat().st_mtime
        ):
            installing = subprocess.run(  # noqa: S603 - npm, on our own lock file
                [npm, "ci"], cwd=folder, capture_output=True, text=True, timeout=300, check=False
            )
            if installing.returncode:
                cannot(f"npm cannot install {folder.name}: {installing.stderr}")
    return node


@contextmanager
def one_process_at_a_time(folder: Path) -> Iterator[None]:
    """Wait until no other process of the tests writes into a folder of the checkout."""
    name = hashlib.sha256(bytes(folder.resolve())).hexdigest()
    with (Path(gettempdir()) / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
