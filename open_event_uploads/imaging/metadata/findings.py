"""Record what is found in a file that is reassembled from its parts."""

from dataclasses import dataclass, field

from open_event_uploads.imaging.metadata.exif import (
    TURNED,
    orientation_only,
    read_exif,
    xmp_orientation,
)


@dataclass(slots=True)
class Findings:
    """The metadata of a file, and the names of what is removed.

    Args:
        exif: the block that viewers read, in as many parts as the file has.
        xmp: the packet that viewers read.
        removed: names of what is removed.
    """

    exif: list[bytes] = field(default_factory=list)
    xmp: bytes = b""
    removed: set[str] = field(default_factory=set)

    def drop(self, *names: str) -> None:
        """Record that something is removed."""
        self.removed.update(names)

    def drop_exif(self, block: bytes) -> None:
        """Record that a block of EXIF is removed."""
        self.removed |= read_exif(block).names

    def drop_xmp(self, packet: bytes) -> None:
        """Record that an XMP packet and its location are removed (XMP part 2, "EXIF namespace")."""
        self.drop("xmp", *(["location"] if b"exif:GPS" in packet else []))

    def exif_to_keep(self) -> bytes:
        """Return a block with the orientation; empty if the image needs none.

        A block in the file that equals it is not recorded as removed, so that stripping a result
        again removes nothing.
        """
        block = b"".join(self.exif)
        orientation = read_exif(block).orientation
        if orientation is None:
            orientation = xmp_orientation(self.xmp)
        keep = orientation_only(orientation) if orientation in TURNED else b""
        if self.exif and (block != keep or not keep):
            self.drop_exif(block)
        return keep
