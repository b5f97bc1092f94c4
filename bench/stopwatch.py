"""Measure elapsed time."""

import time
from typing import Self


class Stopwatch:
    """A context manager that measures seconds: `with Stopwatch() as watch: …`, `watch.seconds`."""

    def __enter__(self) -> Self:
        """Start."""
        self._begun = time.perf_counter()
        self._ended: float | None = None
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._ended = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Return the seconds from the start to the end, or until now."""
        return (self._ended or time.perf_counter()) - self._begun
