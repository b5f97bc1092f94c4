"""What tests want of the machine, and what they do where it is missing."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest


def cannot(reason: str) -> NoReturn:
    """Skips, but not where a skipped test would go unnoticed."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def chromium() -> str:
    """The path of the Chromium that the system has; none is ever fetched."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    cannot("these tests need Chromium")


def redis_server() -> str:
    """The path of the Redis server that the system has."""
    if found := shutil.which("redis-server"):
        return found
    cannot("these tests need redis-server")


def nginx() -> str:
    """The path of the nginx that the system has."""
    if found := shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"):
        return found
    cannot("these tests need nginx")


def libfaketime() -> str:
    """The library of Debian's package `faketime`, which gives a process another time of day."""
    for found in Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"):
        return str(found)
    cannot("these tests need libfaketime (Debian's package faketime)")


def node_with_packages(folder: Path) -> str:
    """The path of Node, once what the lock file in a folder names is installed there."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        cannot("these tests need Node and npm")
    # npm writes this one last, so an interrupted installation is made again.
    installed = folder / "node_modules/.package-lock.json"
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
