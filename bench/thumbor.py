"""Run thumbor, which makes images in other sizes on request, with packages of its own.

Its configuration and its requirements are in `bench/peers/thumbor`; they are installed on demand.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.install import HOMES, PEERS, install_python
from bench.process import Server, free_port, running

_FOLDER = PEERS["thumbor"]
_WORKERS = "2"


@contextmanager
def thumbor(folder: Path) -> Iterator[Server]:
    """Run thumbor on the files of a folder, whose parent gets its log.

    Raises:
        subprocess.CalledProcessError: its packages cannot be installed.
    """
    python = install_python(_FOLDER)
    port = free_port()
    command: list[str | Path] = [python, "-m", "thumbor.server", "--ip", "127.0.0.1"]
    command += ["--port", str(port), "--processes", _WORKERS, "--log-level", "error"]
    command += ["--conf", HOMES / _FOLDER / "thumbor.conf", "--use-environment", "true"]
    environ = {**os.environ, "FILE_LOADER_ROOT_PATH": str(folder)}
    with running("thumbor", port, command, environ, folder.parent) as server:
        yield server
