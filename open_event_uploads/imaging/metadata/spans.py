"""Represent parts of a file by their offsets."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Span(NamedTuple):
    """A part of a file, from `start` up to `end`; both are bytes from the beginning of the file."""

    start: int
    end: int


class Spans:
    """A set of bytes of a file, as spans that neither overlap nor touch."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(span for span in spans if span.start < span.end):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(end, self._ends[-1])
            else:
                self._starts.append(start)
                self._ends.append(end)

    def __iter__(self) -> Iterator[Span]:
        return map(Span, self._starts, self._ends)

    def covers(self, span: Span) -> bool:
        """Tell whether every byte of a span is in the set."""
        at = bisect_right(self._starts, span.start) - 1
        return at >= 0 and span.end <= self._ends[at]

    def overlaps(self, span: Span) -> bool:
        """Tell whether any byte of a span is in the set."""
        at = bisect_right(self._starts, span.end - 1) - 1
        return span.start < span.end and at >= 0 and span.start < self._ends[at]
