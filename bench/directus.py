"""Run Directus 10 on SQLite and a folder, with its defaults, in two processes."""

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.install import HOMES, PEERS, install_node
from bench.process import Server, free_port, running

_FOLDER = PEERS["Directus"]
# Its command line, without the question for a newer version, which goes out to the network.
_PROGRAM = "node_modules/@directus/api/dist/cli/run.js"


@contextmanager
def directus(folder: Path) -> Iterator[Server]:
    """Run Directus, with its database and its files in a folder."""
    program = install_node(_FOLDER) / _PROGRAM
    port, token = free_port(), secrets.token_hex(16)
    environ = os.environ | {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SECRET": secrets.token_hex(32),
        "DB_CLIENT": "sqlite3",
        "DB_FILENAME": str(folder / "data.db"),
        "STORAGE_LOCATIONS": "local",
        "STORAGE_LOCAL_ROOT": str(folder / "uploads"),
        "EXTENSIONS_PATH": str(folder / "extensions"),
        "ADMIN_EMAIL": "bench@example.com",
        "ADMIN_PASSWORD": secrets.token_hex(16),
        "ADMIN_TOKEN": token,
        "TELEMETRY": "false",
    }
    subprocess.run(  # noqa: S603 - a peer's own program
        ["node", program, "bootstrap"],  # noqa: S607 - the system's
        env=environ,
        check=True,
        capture_output=True,
    )
    command: list[str | Path] = ["node", HOMES / _FOLDER / "serve.mjs", program]
    with running("Directus", port, command, environ, folder, token=token) as server:
        yield server
