"""Start a real Redis on a loopback port; it can be stopped and started again."""

import subprocess
from pathlib import Path

import pytest

from tests.ports import free_port, listens_soon
from tests.processes import start


class RedisServer:
    """`redis-server` without persistence.

    Args:
        program: its path.
        folder: its working directory.
    """

    def __init__(self, program: str, folder: Path) -> None:
        self.port = free_port()
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
        self._process = start(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not listens_soon(self.port):
            self.stop()
            pytest.fail("redis-server does not start")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)
