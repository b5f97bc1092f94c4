"""Represent the result of stripping a file."""

from collections.abc import Iterable
from dataclasses import dataclass

# Names of what is removed, for logs and uploaders: "location" is GPS data in EXIF or XMP, "trailer"
# bytes after the end of the image, "text" PNG's keywords, "other" anything else.
TRAILER = "trailer"
NAMES = frozenset(
    {"comment", "exif", "iptc", "location", "other", "text", "thumbnail", TRAILER, "xmp"}
)


class MetadataUnreadable(ValueError):
    """Raised when a file's structure is not understood, so that its metadata cannot be found."""


@dataclass(frozen=True, slots=True)
class Stripped:
    """A file without its metadata, and the sorted names of what was removed."""

    content: bytes
    removed: tuple[str, ...]


def assemble(
    content: bytes, removed: Iterable[str], pieces: Iterable[bytes | memoryview]
) -> Stripped:
    """Join the parts to keep; return the original content if nothing is removed."""
    names = tuple(sorted(removed))
    return Stripped(b"".join(pieces), names) if names else Stripped(content, ())
