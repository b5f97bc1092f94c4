"""Limit the number of parts of a file: each costs memory, and may have only two bytes."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from open_event_uploads.imaging.metadata.result import MetadataUnreadable

_Part = TypeVar("_Part")

# More than any image has: a PNG of 200 MB in chunks of 8 KiB has 25,000.
MAX_PARTS = 100_000


def limit_parts(parts: Iterable[_Part]) -> Iterator[_Part]:
    """Iterate over the parts of a file; refuse more than `MAX_PARTS`."""
    for number, part in enumerate(parts):
        if number >= MAX_PARTS:
            raise MetadataUnreadable("The file has more parts than any image has.")
        yield part
