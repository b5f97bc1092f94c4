"""Count in fixed windows of time, in this process's memory.

In place of `limits.storage.MemoryStorage` (5.8), which starts a thread a hit to drop windows that
have ended: 0.1 ms of the processor's time for each request that counts.
"""

import threading
import time

# The number of windows at which those that have ended are dropped.
_MIN_SWEEP = 1000


class MemoryWindows:
    """Counts that end, for the threads of one process; the part of `Storage` that is in use.

    A clock that is set back prolongs no window.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, float]] = {}
        self._sweep_at = _MIN_SWEEP

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self._windows)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add an amount to a window of so many seconds; return its count."""
        now = time.monotonic()
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
        return count if ends > time.monotonic() else 0

    def get_expiry(self, key: str) -> float:
        """Return the end of the present window, in seconds since the epoch."""
        _, ends = self._windows.get(key, (0, 0.0))
        return ends and time.time() + ends - time.monotonic()
