"""The two servers as processes: started on a free port, asked for their memory, ended by id."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from open_event_uploads.settings import PREFIX, WORKER_THREADS

_ROOT = Path(__file__).parent.parent
_STOP_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is running.

    Args:
        name: `product` or `floor`.
        port: on the loopback address.
        process: the first of its processes.
        log: a file with what it prints.
        made_token: where it was made before the start.
    """

    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    made_token: str = ""

    def check_alive(self) -> None:
        """Stop the run when the server has ended, with the last of what it said."""
        if self.process.poll() is not None:
            raise RuntimeError(f"the {self.name} has ended:\n{self.log.read_text()[-2000:]}")

    def token(self) -> str:
        """The one that the product prints on its first start; the floor asks for none."""
        if self.made_token:
            return self.made_token
        found = re.search(r"^  token +(\S+)$", self.log.read_text(), re.MULTILINE)
        return found[1] if found else ""

    def reset_peak(self) -> None:
        """Let the kernel count peak memory from now on (proc(5), `clear_refs`)."""
        for pid in process_tree(self.process.pid):
            with suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5", "ascii")

    def peak_bytes(self) -> int:
        """The sum of every process's peak; a page that several share counts once for each."""
        return sum(_high_water_mark(pid) for pid in process_tree(self.process.pid))


@contextmanager
def product(
    folder: Path,
    threads: int = WORKER_THREADS,
    instead: str = "",
    options: Iterable[str] = (),
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Server]:
    """The program itself, started as people start it unless something else is wanted.

    Args:
        folder: for what it keeps there.
        threads: of each worker.
        instead: what `bench.product` puts in the server's place.
        options: of `serve`.
        settings: by their lower-case names without the prefix.
    """
    how = instead or ("" if threads == WORKER_THREADS else str(threads))
    command = ["-m", "bench.product", how, "serve"] if how else ["manage.py", "serve"]
    port = _free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environ |= {f"{PREFIX}DATA_DIR": str(folder / "data")}
    # Nothing is refused, and yet everything is counted, as it is where people use it.
    environ[f"{PREFIX}RATE_LIMITS"] = "1000000000/minute"
    environ |= {f"{PREFIX}{name.upper()}": value for name, value in settings.items()}
    command += ["--port", str(port), *options]
    token = _prepare(environ) if "database_url" in settings else ""
    for server in _running("product", port, command, environ, folder):
        yield replace(server, made_token=token)


@contextmanager
def floor(folder: Path, threads: int) -> Iterator[Server]:
    """What it is compared with."""
    port = _free_port()
    command = ["-m", "bench.floor", str(folder), str(port), str(threads)]
    yield from _running("floor", port, command, dict(os.environ), folder)


def _prepare(environ: dict[str, str]) -> str:
    """Do what an operator does before the first start on a database of one's own."""

    def manage(*arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        ended = subprocess.run(  # noqa: S603 - our own program
            command, cwd=_ROOT, env=environ, check=True, capture_output=True, text=True
        )
        return ended.stdout.strip()

    manage("db", "upgrade")
    return manage("token", "create", "--role", "admin")


def _running(
    name: str, port: int, command: list[str], environ: dict[str, str], folder: Path
) -> Iterator[Server]:
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, *command], cwd=_ROOT, env=environ, stdout=output, stderr=output
        )
    try:
        yield Server(name, port, process, log)
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask first; what is left after a while is killed, the workers by their own ids."""
    tree = process_tree(process.pid)
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        for pid in tree:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def process_tree(root: int) -> list[int]:
    """The ids of a process and of all that descend from it, parents first."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                # After the name, which may hold anything in its brackets: state, parent, …
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def _high_water_mark(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
