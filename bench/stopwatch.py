"""Seconds on the wall."""

import time
from typing import Self


class Stopwatch:
    """`with Stopwatch() as watch: …`, then `watch.seconds`: to the end, or so far."""

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
        """Since the start."""
        return (self._ended or time.perf_counter()) - self._begun
