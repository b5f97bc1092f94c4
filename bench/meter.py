"""Measure the peak memory of a server, without the page cache.

Where a control group can be created (as root, in most containers) the kernel adds up the memory of
all processes; elsewhere this module adds up their shares. Both are sampled every few milliseconds,
because the kernel's own peaks include the page cache, or count each process by itself.
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
# Anonymous memory and files in memory, as the two versions call them; neither is a cache.
_HELD = frozenset({"rss", "anon", "shmem"})
_SHARES = ("Pss_Anon", "Pss_Shmem")

Look = Callable[[], int]


class Meter:
    """Samples memory in a thread, from its start to its end.

    Args:
        look: returns the bytes that are held.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._idle = self._peak = look()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        """Start to sample; the memory held now counts as idle."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop sampling."""
        self._ended.set()
        self._thread.join()

    @property
    def above_idle(self) -> int:
        """Return the peak above idle in bytes."""
        return self._peak - self._idle

    def _watch(self) -> None:
        ended = False
        while not ended:
            # Once more after the end, so that at least one sample follows the work.
            ended = self._ended.wait(_PAUSE_SECONDS)
            self._peak = max(self._peak, self._look())


@contextmanager
def look_at(pid: int) -> Iterator[tuple[str, Look]]:
    """Yield a function that returns the memory of a server.

    Args:
        pid: of its first process, which has no child yet.

    Yields:
        The method in words, and the function.
    """
    group = _make_group(pid)
    if group is None:
        yield "the processes' shares (Pss_Anon, Pss_Shmem)", lambda: _shares(pid)
        return
    try:
        yield "a control group (anonymous memory and files in memory)", lambda: _held(group)
    finally:
        # Processes that are still ending move to the parent group.
        for each in (group / "cgroup.procs").read_text().split():
            with suppress(OSError):
                (group.parent / "cgroup.procs").write_text(each)
        with suppress(OSError):
            group.rmdir()


def _make_group(pid: int) -> Path | None:
    """Create a control group with a process in it; return None where that is impossible."""
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
    """Return the bytes of all processes; a shared page is divided among them."""
    return sum(
        memory_of(each, name, "smaps_rollup") for each in process_tree(pid) for name in _SHARES
    )
