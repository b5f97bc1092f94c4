"""A real Redis on a loopback port, which can go away and come back."""

import socket
import subprocess
import time
from pathlib import Path

import pytest


class RedisServer:
    """`redis-server` without persistence.

    Args:
        program: its path.
        folder: empty; it works there.
    """

    def __init__(self, program: str, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._command = [
            program,
            *("--port", str(self.port)),
            *("--bind", "127.0.0.1"),
            *("--dir", str(folder)),
            *("--save", ""),
            *("--appendonly", "no"),
        ]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - the machine's own program
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        self.stop()
        pytest.fail("redis-server does not start")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)
