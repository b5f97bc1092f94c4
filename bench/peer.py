"""Run the peer: Django REST framework JSON:API under gunicorn, with packages of its own.

Its code and its requirements are in `bench/peers/django`; they are installed on demand.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.process import ROOT, Server, free_port, running

HOME = ROOT / "bench/peers/django"
# Git ignores it, and `make clean` removes it.
ENVIRONMENT = ROOT / ".bench/django"
_WORKERS, _THREADS = "2", "4"
# As behind a proxy, which keeps its connections; gunicorn's own 2 s would end idle ones.
_KEEP_ALIVE_SECONDS = "75"


@contextmanager
def peer(folder: Path) -> Iterator[Server]:
    """Run the peer, with its database and its files in a folder."""
    python = install()
    environ = {**os.environ, "PYTHONPATH": str(HOME), "BENCH_PEER_FOLDER": str(folder)}
    prepared = subprocess.run(  # noqa: S603 - our own program
        [python, "-m", "peer.prepare"], env=environ, check=True, capture_output=True, text=True
    )
    port = free_port()
    command: list[str | Path] = [python, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", _WORKERS, "--threads", _THREADS, "--worker-class", "gthread"]
    command += ["--keep-alive", _KEEP_ALIVE_SECONDS, "--no-control-socket"]
    command += ["--log-level", "error", "peer.wsgi:application"]
    token = prepared.stdout.strip()
    with running("peer", port, command, environ, folder, token=token) as server:
        yield server


def install() -> Path:
    """Create its environment, unless it is up to date; return the path of its Python."""
    python, stamp = ENVIRONMENT / "bin/python", ENVIRONMENT / "requirements.sha256"
    requirements = HOME / "requirements.txt"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        print("installing the peer", file=sys.stderr)
        _run(sys.executable, "-m", "venv", "--clear", ENVIRONMENT)
        pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        _run(python, *pip, "-r", requirements)
        stamp.write_text(wanted)
    return python


def versions() -> str:
    """Return the pinned versions of its packages."""
    lines = (HOME / "requirements.txt").read_text().splitlines()
    return ", ".join(each.replace("==", " ") for each in lines if each and each[0] != "#")


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True)  # noqa: S603 - pip, on our own list
