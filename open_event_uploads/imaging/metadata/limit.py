"""How many parts a file may have: each costs memory, and a part may be as small as two bytes."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from open_event_uploads.imaging.metadata.result import MetadataUnreadable

_Part = TypeVar("_Part")

# No picture comes near: a PNG of 200 MB in chunks of 8 KiB has 25,000.
MAX_PARTS = 100_000


def limited(parts: Iterable[_Part]) -> Iterator[_Part]:
    """The parts of a file, one by one.

    Raises:
        MetadataUnreadable: there are more than any picture has.
    """
    for number, part in enumerate(parts):
        if number >= MAX_PARTS:
            raise MetadataUnreadable("The file has more parts than any picture has.")
        yield part
