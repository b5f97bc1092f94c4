"""Run the peer: Django REST framework JSON:API under gunicorn, with packages of its own.

Its code and its requirements are in `bench/peers/django`; they are installed on demand.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.install import HOMES, PEERS, install_python
from bench.process import Server, free_port, running

_FOLDER = PEERS["peer"]
_HOME = HOMES / _FOLDER
_WORKERS, _THREADS = "2", "4"
# As behind a proxy, which keeps its connections; gunicorn's own 2 s would end idle ones.
_KEEP_ALIVE_SECONDS = "75"


@contextmanager
def peer(folder: Path) -> Iterator[Server]:
    """Run the peer, with its database and its files in a folder."""
    python = install_python(_FOLDER)
    environ = {**os.environ, "PYTHONPATH": str(_HOME), "BENCH_PEER_FOLDER": str(folder)}
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
