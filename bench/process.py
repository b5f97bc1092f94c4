"""Start a server as a process on a free port, read its processor time and memory, and end it."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
_START_SECONDS, _STOP_SECONDS = 60.0, 20


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Args:
        name: for error messages.
        port: on the loopback address.
        process: the first of its processes.
        log: the file of its output.
        made_token: if it was created before the start.
    """

    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    made_token: str = ""

    def check_alive(self) -> None:
        """Raise an error with the end of its log if the server has ended."""
        if self.process.poll() is not None:
            raise RuntimeError(f"the {self.name} has ended:\n{self.log.read_text()[-2000:]}")

    def wait_for(self, ask: Callable[[], object]) -> None:
        """Wait until the server answers.

        Args:
            ask: sends a request; raises OSError if nothing answers.
        """
        deadline = time.monotonic() + _START_SECONDS
        while True:
            self.check_alive()
            try:
                ask()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return

    def token(self) -> str:
        """Return the token that the product prints on its first start; empty for the floor."""
        if self.made_token:
            return self.made_token
        found = re.search(r"^  token +(\S+)$", self.log.read_text(), re.MULTILINE)
        return found[1] if found else ""

    def reset_peak(self) -> None:
        """Reset the peak memory of every process (proc(5), `clear_refs`)."""
        for pid in process_tree(self.process.pid):
            with suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5", "ascii")

    def processor_seconds(self) -> float:
        """Return the processor time of all processes, and of those that have ended."""
        return sum(processor_seconds_of(pid) for pid in process_tree(self.process.pid))

    def peak_bytes(self) -> int:
        """Return the sum of the peaks of all processes; a shared page counts for each."""
        return sum(memory_of(pid, "VmHWM") for pid in process_tree(self.process.pid))


@contextmanager
def running(  # noqa: PLR0913 - what a process is
    name: str,
    port: int,
    command: Sequence[str | Path],
    environ: Mapping[str, str],
    folder: Path,
    *,
    token: str = "",
) -> Iterator[Server]:
    """Run a server until the context ends.

    Args:
        name: for error messages.
        port: where it will listen.
        command: the program and its arguments.
        environ: its environment.
        folder: for its log.
        token: if it was created before the start.
    """
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own programs
            command, cwd=ROOT, env=environ, stdout=output, stderr=output
        )
    try:
        yield Server(name, port, process, log, token)
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Terminate a server, and kill the processes that remain: thumbor's survive their parent."""
    tree = process_tree(process.pid)
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_SECONDS)
    for pid in tree:
        if process.returncode is None or pid != process.pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    """Return a free port of the loopback address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def process_tree(root: int) -> list[int]:
    """Return the ids of a process and its descendants, parents first."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                parent = int(_figures_of(entry)[1])
                children.setdefault(parent, []).append(int(entry.name))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def processor_seconds_of(pid: int) -> float:
    """Return the processor time of a process and of its ended children; 0 if it has ended."""
    with suppress(OSError):
        user, system, children_user, children_system = _figures_of(Path(f"/proc/{pid}"))[11:15]
        ticks = int(user) + int(system) + int(children_user) + int(children_system)
        return ticks / os.sysconf("SC_CLK_TCK")
    return 0.0


def _figures_of(folder: Path) -> list[str]:
    """Return the figures of `stat` (proc(5)) from the state and the parent on.

    They come after the name, which may hold anything in its brackets.
    """
    return (folder / "stat").read_text().rpartition(")")[2].split()


def memory_of(pid: int, name: str, file: str = "status") -> int:
    """Return a memory figure of a process in bytes; 0 if it has ended.

    Args:
        pid: its id.
        name: `VmRSS`, `VmHWM`, … (proc(5)).
        file: below `/proc/{pid}` that has it.
    """
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return 0
