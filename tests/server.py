"""Start the real server process, for clients and browsers."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from http.client import HTTPConnection
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.documents import COLLECTION, JSON_API, encode_upload
from tests.fetch import Fetched
from tests.ports import free_port
from tests.processes import start

MANAGE = Path(__file__).parents[1] / "manage.py"
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def manage(data_dir: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end.

    Args:
        data_dir: of the settings.
        arguments: of the command.
        settings: further environment variables.
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
        folder: for its data and its log, which is written anew.
        host: the address that it listens on.
        workers: as on the command line.
        program: what runs commands.
        settings: by their lower-case names without the prefix.
    """

    def __init__(
        self,
        folder: Path,
        *,
        host: str = "127.0.0.1",
        workers: str = "2",
        program: Sequence[str | Path] = (sys.executable, MANAGE),
        **settings: str,
    ) -> None:
        self.port = free_port()
        self.address = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"
        self.url = f"http://{self.address}"
        self._log = folder / "server.log"
        outside = {k: v for k, v in os.environ.items() if not k.startswith("UPLOADS_")}
        # A server that is killed leaves its temporary files where pytest removes them.
        outside["TMPDIR"] = str(folder)
        self.storage = folder / "data" / "storage"
        inside = {"data_dir": str(folder / "data"), **settings}
        options = ["--host", host, "--port", str(self.port), "--workers", workers]
        with self._log.open("w") as log:
            self._process = start(
                [*program, "serve", *options],
                env=outside | {f"UPLOADS_{key.upper()}": value for key, value in inside.items()},
                stdout=log,
                stderr=log,
            )
        self._wait()

    def _wait(self) -> None:
        for _ in range(1500):
            try:
                if self.get("/v1")[0] == 200:
                    return
            except OSError:
                time.sleep(0.02)
        self.stop()
        pytest.fail(self._log.read_text())

    @cached_property
    def token(self) -> str:
        """Return the token of the first admin, as it was printed."""
        found = re.search(r"^  token +(\S+)$", self._log.read_text(), re.MULTILINE)
        assert found
        return found[1]

    @cached_property
    def password(self) -> str:
        """Return the password of the first admin, as it was printed."""
        found = re.search(r"^  password +(\S+)$", self._log.read_text(), re.MULTILINE)
        assert found
        return found[1]

    def get(self, url: str) -> tuple[int, bytes]:
        """Return the status and the body that answer the first admin's GET of a URL or a path."""
        return self.request("GET", url)

    def request(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        media_type: str | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> tuple[int, bytes]:
        """Return the status and the body that answer a request of the first admin."""
        found = self.exchange(method, url, body, media_type, headers)
        return found.status, found.content

    def exchange(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        media_type: str | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Fetched:
        """Return what answers a request, with header fields in lower case.

        It is the first admin's, unless `headers` say whose it is.
        """
        connection = HTTPConnection(self.address, timeout=30)
        target = urlsplit(url)._replace(scheme="", netloc="")
        fields = {**headers, "Content-Type": media_type} if media_type else {**headers}
        if urlsplit(url).path != "/v1" and "Authorization" not in fields:
            fields["Authorization"] = f"Bearer {self.token}"
        try:
            connection.request(method, target.geturl(), body, fields)
            response = connection.getresponse()
            fields = {name.lower(): value for name, value in response.getheaders()}
            return Fetched(response.status, fields, response.read())
        finally:
            connection.close()

    def upload(self, content: bytes, **attributes: str) -> dict[str, Any]:
        """Create an upload as the first admin, and return its attributes."""
        sent = encode_upload(content, **attributes)
        status, body = self.request("POST", COLLECTION, sent, JSON_API)
        assert status == 201, body
        created: dict[str, Any] = json.loads(body)["data"]["attributes"]
        return created

    def processes(self) -> list[int]:
        """Return the ids of its processes, workers and decoders among them."""
        group = self._process.pid
        found = [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]
        return [each for each in found if _group_of(each) == group]

    def has_ended(self) -> bool:
        """Return whether its first process has ended, or ends within half a second."""
        try:
            self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self) -> int:
        """Tell every process to end, and return the exit status of the first."""
        os.killpg(self._process.pid, signal.SIGTERM)
        return self._process.wait(30)

    def signal(self, number: int, *, every_process: bool = False) -> None:
        """Send a signal to its first process, or to every process as a terminal does."""
        (os.killpg if every_process else os.kill)(self._process.pid, number)

    def ended(self) -> int:
        """Wait for its end, and return its exit status."""
        return self._process.wait(30)

    def kill_a_worker(self) -> None:
        """Kill one of the processes that answer requests."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        *_, last = map(int, children.read_text("ascii").split())
        os.kill(last, signal.SIGKILL)

    def log_lines(self) -> list[str]:
        """Return what it has written since its start."""
        return self._log.read_text().splitlines()

    def freeze(self) -> None:
        """Stop every process (SIGSTOP) until it is killed."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def kill(self) -> None:
        """Kill every process at once; what they wrote is in the page cache and stays."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(30)


def _group_of(process: int) -> int | None:
    try:
        return os.getpgid(process)
    except ProcessLookupError:
        return None
