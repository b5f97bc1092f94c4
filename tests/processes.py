"""Start servers that end with the process that started them, however that one ends.

A fixture stops its server when the tests are over. A pytest that is killed runs no fixture, so a
watchdog reads from a pipe what was started, and ends it when the kernel closes the pipe.
"""

import atexit
import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any

# prctl(2).
_PR_SET_PDEATHSIG = 1


def start(command: Sequence[str | Path], **options: Any) -> subprocess.Popen[Any]:  # noqa: ANN401 - Popen's
    """Start a server in a session, and so a process group, of its own.

    Args:
        command: the program and its arguments.
        options: of `subprocess.Popen`.
    """
    watchdog = _watchdog()
    process = subprocess.Popen(  # noqa: S603 - our own programs, and those of the machine
        command, start_new_session=True, **options
    )
    _write(watchdog, "group", process.pid)
    return process


def remove_at_the_end(path: Path) -> None:
    """Have a file or a folder outside pytest's own removed, even if this process is killed."""
    _write(_watchdog(), "path", path)


def unmount_at_the_end(folder: Path) -> None:
    """Have a folder, and what is mounted below it, unmounted and removed likewise."""
    _write(_watchdog(), "mount", folder)


def end_with_the_parent() -> None:
    """Have this process killed when the one that started it ends."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


@cache
def _watchdog() -> IO[bytes]:
    """Start the watchdog of this process, and return the pipe that it reads."""
    process = subprocess.Popen(  # noqa: S603 - this module
        [sys.executable, "-I", "-S", __file__], stdin=subprocess.PIPE, start_new_session=True
    )
    assert process.stdin
    atexit.register(process.communicate)
    return process.stdin


def _write(watchdog: IO[bytes], kind: str, value: object) -> None:
    watchdog.write(f"{kind} {value}\n".encode())
    watchdog.flush()


def _watch(lines: Iterable[str]) -> None:
    """Read what was started until the pipe is closed, then end what is left of it."""
    groups: dict[int, str | None] = {}
    paths, mounts = [], []
    for line in lines:
        kind, _, value = line.rstrip("\n").partition(" ")
        if kind == "group":
            groups[int(value)] = _start_time(int(value))
        elif kind == "mount":
            mounts.append(Path(value))
        else:
            paths.append(Path(value))
    for group, started in groups.items():
        # Another start time: that server has ended, and its number is somebody else's.
        if _start_time(group) in {None, started}:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
    for folder in filter(os.path.ismount, mounts):
        subprocess.run(["umount", "-R", "-l", folder], check=False)  # noqa: S603, S607 - the system's
    for path in (*paths, *mounts):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _start_time(process: int) -> str | None:
    """Return when a process was started, in ticks since boot (proc_pid_stat(5), field 22)."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[19]


if __name__ == "__main__":
    _watch(sys.stdin)
