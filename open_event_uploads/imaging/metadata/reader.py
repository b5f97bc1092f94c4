"""Read numbers and bytes within a part of a file."""

from open_event_uploads.imaging.metadata.result import MetadataUnreadable


class Reader:
    """A position within the part of a file between two offsets."""

    __slots__ = ("_content", "_end", "position")

    def __init__(self, content: bytes, start: int, end: int) -> None:
        self._content = content
        self._end = min(end, len(content))
        self.position = start

    @property
    def left(self) -> int:
        """The number of bytes up to the end."""
        return self._end - self.position

    def take(self, size: int) -> bytes:
        """Read bytes; refuse a file with fewer."""
        if size > self.left:
            raise MetadataUnreadable("A part of the file ends too early.")
        start, self.position = self.position, self.position + size
        return self._content[start : self.position]

    def number(self, size: int) -> int:
        """Read a big-endian number of `size` bytes; 0 if `size` is 0."""
        return int.from_bytes(self.take(size), "big")

    def text(self) -> bytes:
        """Read the bytes up to the next zero, and skip the zero; refuse a file without one."""
        end = self._content.find(b"\x00", self.position, self._end)
        if end < 0:
            raise MetadataUnreadable("A text has no end.")
        return self.take(end + 1 - self.position)[:-1]
