"""The real server process, started for clients and browsers."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from functools import cached_property
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

MANAGE = Path(__file__).parents[1] / "manage.py"


def manage(data_dir: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end.

    Args:
        data_dir: of the settings.
        arguments: of the command.
        settings: further variables.
    """
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, MANAGE, *arguments],
        env={**os.environ, "UPLOADS_DATA_DIR": str(data_dir), **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Server:
    """`manage.py serve` on a free loopback port, in a process group of its own.

    Args:
        folder: empty; for its data and its log.
        settings: by their lower-case names without the prefix.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        self.url = f"http://{self.address}"
        self._log = folder / "server.log"
        outside = {k: v for k, v in os.environ.items() if not k.startswith("UPLOADS_")}
        self.storage = folder / "data" / "storage"
        inside = {"data_dir": str(folder / "data"), **settings}
        with self._log.open("w") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, MANAGE, "serve", "--port", self.address.rpartition(":")[2]],
                env=outside | {f"UPLOADS_{key.upper()}": value for key, value in inside.items()},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait()

    def _wait(self) -> None:
        for _ in range(300):
            try:
                if self.get("/v1")[0] == 200:
                    return
            except OSError:
                time.sleep(0.1)
        self.stop()
        pytest.fail(self._log.read_text())

    @cached_property
    def token(self) -> str:
        """That of the first admin, as it was printed."""
        found = re.search(r"^  token +(\S+)$", self._log.read_text(), re.MULTILINE)
        assert found
        return found[1]

    @cached_property
    def password(self) -> str:
        """That of the first admin, as it was printed."""
        found = re.search(r"^  password +(\S+)$", self._log.read_text(), re.MULTILINE)
        assert found
        return found[1]

    def get(self, url: str) -> tuple[int, bytes]:
        """What the first admin's GET of an absolute address or of a path is answered."""
        return self.request("GET", url)

    def request(
        self, method: str, url: str, body: bytes | None = None, media_type: str | None = None
    ) -> tuple[int, bytes]:
        """The status and the body that answer the first admin's request to an address."""
        connection = HTTPConnection(self.address, timeout=30)
        target = urlsplit(url)._replace(scheme="", netloc="")
        headers = {"Content-Type": media_type} if media_type else {}
        if urlsplit(url).path != "/v1":
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            connection.request(method, target.geturl(), body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def processes(self) -> list[int]:
        """The ids of its processes, workers and decoders among them."""
        group = self._process.pid
        found = [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]
        return [each for each in found if _group_of(each) == group]

    def has_ended(self) -> bool:
        """Whether its first process is gone, or just about to go."""
        try:
            self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(30)

    def signal(self, number: int) -> None:
        """Tell its first process something."""
        os.kill(self._process.pid, number)

    def ended(self) -> int:
        """Its exit status, when it has ended."""
        return self._process.wait(30)

    def kill_a_worker(self) -> None:
        """End one of the processes that answer."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        *_, last = map(int, children.read_text("ascii").split())
        os.kill(last, signal.SIGKILL)

    def log_lines(self) -> list[str]:
        return self._log.read_text().splitlines()

    def kill(self) -> None:
        """End every process at once, as a power cut does."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(30)


def _group_of(process: int) -> int | None:
    try:
        return os.getpgid(process)
    except ProcessLookupError:
        return None
