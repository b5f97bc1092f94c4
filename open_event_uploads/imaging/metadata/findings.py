"""What is found on the way through a file whose pieces are put together anew."""

from dataclasses import dataclass, field

from open_event_uploads.imaging.metadata.exif import (
    TURNED,
    orientation_only,
    read_exif,
    xmp_orientation,
)


@dataclass(slots=True)
class Findings:
    """What goes, and where the orientation stands.

    Args:
        exif: the block that a viewer reads, in as many parts as the file has it.
        xmp: the packet that a viewer reads.
        removed: names of what goes.
    """

    exif: list[bytes] = field(default_factory=list)
    xmp: bytes = b""
    removed: set[str] = field(default_factory=set)

    def drop(self, *names: str) -> None:
        """Something goes."""
        self.removed.update(names)

    def drop_exif(self, block: bytes) -> None:
        """A block of EXIF goes."""
        self.removed |= read_exif(block).names

    def drop_xmp(self, packet: bytes) -> None:
        """An XMP packet goes, with the place that it may name (XMP part 2, "EXIF namespace")."""
        self.drop("xmp", *(["location"] if b"exif:GPS" in packet else []))

    def exif_to_keep(self) -> bytes:
        """The block that keeps the picture upright; no bytes where it needs none.

        A block that says no more than that is not counted as removed, so that what has been
        stripped is not stripped again.
        """
        block = b"".join(self.exif)
        orientation = read_exif(block).orientation
        if orientation is None:
            orientation = xmp_orientation(self.xmp)
        keep = orientation_only(orientation) if orientation in TURNED else b""
        if self.exif and (block != keep or not keep):
            self.drop_exif(block)
        return keep
