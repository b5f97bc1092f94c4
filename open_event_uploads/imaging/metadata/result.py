"""What stripping a file gives."""

from collections.abc import Iterable
from dataclasses import dataclass

# What may be said to be gone. The names are made for logs and for the uploader, not for machines:
# "location" is said of GPS data in EXIF or XMP, "trailer" of bytes after the end of the picture,
# "text" of PNG's keywords, "other" of whatever is not needed and has no name here.
TRAILER = "trailer"
NAMES = frozenset(
    {"comment", "exif", "iptc", "location", "other", "text", "thumbnail", TRAILER, "xmp"}
)


class MetadataUnreadable(ValueError):
    """The file's structure is not understood, so its metadata can't be found."""


@dataclass(frozen=True, slots=True)
class Stripped:
    """A file without its metadata.

    Args:
        content: the whole file.
        removed: what went, of `NAMES`, sorted; empty where nothing did.
    """

    content: bytes
    removed: tuple[str, ...]


def stripped(
    content: bytes, removed: Iterable[str], pieces: Iterable[bytes | memoryview]
) -> Stripped:
    """The file put together from what is kept of it; as it was where nothing is removed."""
    names = tuple(sorted(removed))
    return Stripped(b"".join(pieces), names) if names else Stripped(content, ())
