"""How much memory a server holds at its fullest: everything it owns, and no page cache.

Where a control group can be made (as root, in most containers) the kernel adds up what all of the
server's processes hold; elsewhere their shares are added up here. Both are looked at every few
milliseconds, because the kernel's own peaks count the page cache, or each process by itself.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from bench.process import memory_of, process_tree

_PAUSE_SECONDS = 0.005
_GROUPS = Path("/sys/fs/cgroup")
# What the two versions call anonymous memory, and files in memory, which are no cache either.
_HELD = frozenset({"rss", "anon", "shmem"})
_SHARES = ("Pss_Anon", "Pss_Shmem")

Look = Callable[[], int]


class Meter:
    """Watches from its start to its end, from a thread of its own.

    Args:
        look: says how many bytes are held.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._idle = self._peak = look()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        """Begin; what is held now is the idle server's."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._ended.set()
        self._thread.join()

    @property
    def above_idle(self) -> int:
        """Bytes."""
        return self._peak - self._idle

    def _watch(self) -> None:
        ended = False
        while not ended:
            # Once more after the end, so that one look at least comes after whatever was done.
            ended = self._ended.wait(_PAUSE_SECONDS)
            self._peak = max(self._peak, self._look())


@contextmanager
def look_at(pid: int) -> Iterator[tuple[str, Look]]:
    """How to see what a server holds.

    Args:
        pid: of its first process, and so far its only one.

    Yields:
        What is looked at, in words, and how.
    """
    group = _make_group(pid)
    if group is None:
        yield "the processes' shares (Pss_Anon, Pss_Shmem)", lambda: _shares(pid)
        return
    try:
        yield "a control group (anonymous memory and files in memory)", lambda: _held(group)
    finally:
        # What is still ending goes back to where this process is.
        for each in (group / "cgroup.procs").read_text().split():
            with suppress(OSError):
                (group.parent / "cgroup.procs").write_text(each)
        with suppress(OSError):
            group.rmdir()


def _make_group(pid: int) -> Path | None:
    """A control group with a process in it; None where that cannot be had."""
    for parent in (_GROUPS / "memory", _GROUPS):
        group = parent / f"bench-{os.getpid()}-{pid}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / "cgroup.procs").write_text(str(pid))
            _held(group)
        except (OSError, KeyError):
            group.rmdir()
            continue
        return group
    return None


def _held(group: Path) -> int:
    lines = (group / "memory.stat").read_text().splitlines()
    found = dict(line.split() for line in lines)
    return sum(int(found[name]) for name in _HELD if name in found)


def _shares(pid: int) -> int:
    """Of all its processes, a page that several share divided among them."""
    return sum(
        memory_of(each, name, "smaps_rollup") for each in process_tree(pid) for name in _SHARES
    )
