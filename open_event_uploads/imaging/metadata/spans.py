"""Parts of a file, as offsets."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Span(NamedTuple):
    """A part of a file: from `start` up to `end`, bytes from the beginning of the file."""

    start: int
    end: int


class Spans:
    """Some parts of a file; those that overlap or touch count as one.

    Args:
        spans: in any order. Those without bytes are left out.
    """

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

    def cover(self, span: Span) -> bool:
        """Whether every byte of a part is in these."""
        at = bisect_right(self._starts, span.start) - 1
        return at >= 0 and span.end <= self._ends[at]

    def meet(self, span: Span) -> bool:
        """Whether any byte of a part is in these."""
        at = bisect_right(self._starts, span.end - 1) - 1
        return span.start < span.end and at >= 0 and span.start < self._ends[at]
