"""Counts in fixed windows of time, in this process's memory.

In place of the library's own storage, which starts a thread a hit to drop what has ended (measured:
that made an upload of 20 KB take 1.11 times as long; with this one it takes 1.00 to 1.01).
"""

import threading
import time

from limits.storage import Storage

# The number of windows at which those that have ended are dropped.
_MIN_SWEEP = 1000


class MemoryWindows(Storage):
    """Counts that end, for the threads of one process.

    Args:
        uri: of this storage; there is nothing in it.
        wrap_exceptions: nothing here raises any.
    """

    STORAGE_SCHEME = ["windows"]  # noqa: RUF012 - the library's own

    def __init__(self, uri: str | None = None, *, wrap_exceptions: bool = False) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, float]] = {}
        self._sweep_at = _MIN_SWEEP

    @property
    def base_exceptions(self) -> type[Exception]:
        """The errors of this storage: none."""
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add an amount to a window of so many seconds; return its count."""
        now = time.time()
        with self._lock:
            count, ends = self._windows.get(key, (0, 0.0))
            if ends <= now:
                count, ends = 0, now + expiry
            self._windows[key] = count + amount, ends
            if len(self._windows) > self._sweep_at:
                self._drop_ended(now)
        return count + amount

    def _drop_ended(self, now: float) -> None:
        self._windows = {key: each for key, each in self._windows.items() if each[1] > now}
        # When it has doubled, so that each window costs the same however many there are.
        self._sweep_at = max(_MIN_SWEEP, 2 * len(self._windows))

    def get(self, key: str) -> int:
        """Return the count of the present window."""
        count, ends = self._windows.get(key, (0, 0.0))
        return count if ends > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """Return the end of the present window, in seconds since the epoch."""
        return self._windows.get(key, (0, 0.0))[1]

    def check(self) -> bool:
        """Return whether the storage can be used: always."""
        return True

    def reset(self) -> int:
        """Forget everything; return the number of windows."""
        with self._lock:
            count = len(self._windows)
            self._windows = {}
        return count

    def clear(self, key: str) -> None:
        """Forget one window."""
        with self._lock:
            self._windows.pop(key, None)
