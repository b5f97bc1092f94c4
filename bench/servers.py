"""Run the product, the floor and static files as processes."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from bench.process import ROOT, Server, free_port, running
from open_event_uploads.server.thread_pool import AT_ONCE
from open_event_uploads.settings import PREFIX

# More than any row has connections.
FLOOR_THREADS = 16
# As many processes as `manage.py serve` has.
_WORKERS = "2"


@contextmanager
def product(
    folder: Path,
    threads: int = AT_ONCE,
    instead: str = "",
    options: Iterable[str] = (),
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Server]:
    """Run the product, as users start it by default.

    Args:
        folder: for its data.
        threads: of each worker that work at once.
        instead: the server that `bench.serve` uses.
        options: of `serve`.
        settings: by their lower-case names without the prefix.
    """
    how = instead or ("" if threads == AT_ONCE else str(threads))
    command = ["-m", "bench.serve", how, "serve"] if how else ["manage.py", "serve"]
    port = free_port()
    environ = environ_of(folder, settings)
    command = [sys.executable, *command, "--port", str(port), *options]
    token = _prepare(environ) if "database_url" in settings else ""
    with running("product", port, command, environ, folder, token=token) as server:
        yield server


def environ_of(folder: Path, settings: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """Return the environment of the product.

    Args:
        folder: for its data.
        settings: by their lower-case names without the prefix.
    """
    environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    # Count requests, as in production, but refuse none.
    given = {"data_dir": str(folder / "data"), "rate_limits": "1000000000/minute", **settings}
    return environ | {f"{PREFIX}{name.upper()}": value for name, value in given.items()}


def manage(environ: Mapping[str, str], *arguments: str) -> str:
    """Run a command of the product, and return its output."""
    command = [sys.executable, "manage.py", *arguments]
    ended = subprocess.run(  # noqa: S603 - our own program
        command, cwd=ROOT, env=environ, check=True, capture_output=True, text=True
    )
    return ended.stdout.strip()


@contextmanager
def floor(folder: Path, threads: int = FLOOR_THREADS) -> Iterator[Server]:
    """Run the floor."""
    port = free_port()
    command = [sys.executable, "-m", "bench.floor", str(folder), str(port), str(threads)]
    with running("floor", port, command, os.environ, folder) as server:
        yield server


@contextmanager
def static(folder: Path) -> Iterator[Server]:
    """Run granian's static file service of the folder `files`.

    Args:
        folder: for the files and the log.
    """
    port, files = free_port(), folder / "files"
    files.mkdir()
    command = [sys.executable, "-m", "granian", "--interface", "asginl", "--loop", "uvloop"]
    command += ["--http", "1", "--no-ws", "--workers", _WORKERS, "--log-level", "error"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--respawn-failed-workers"]
    command += ["--static-path-route", "/media", "--static-path-mount", str(files)]
    command += ["bench.empty_app:application"]
    with running("static", port, command, os.environ, folder) as server:
        yield server


def _prepare(environ: Mapping[str, str]) -> str:
    """Prepare a database as an operator does, and return a token."""
    manage(environ, "db", "upgrade")
    return manage(environ, "token", "create", "--role", "admin")
