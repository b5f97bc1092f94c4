"""Read numbers and bytes from a part of a file, and never beyond it."""

from open_event_uploads.imaging.metadata.result import MetadataUnreadable


class Reader:
    """A place in a part of a file.

    Args:
        content: the whole file.
        start: where the part begins, bytes from the beginning of the file.
        end: where it ends.
    """

    __slots__ = ("_content", "_end", "position")

    def __init__(self, content: bytes, start: int, end: int) -> None:
        self._content = content
        self._end = min(end, len(content))
        self.position = start

    @property
    def left(self) -> int:
        """How many bytes there are still."""
        return self._end - self.position

    def take(self, size: int) -> bytes:
        """The next bytes.

        Raises:
            MetadataUnreadable: there are fewer.
        """
        if size > self.left:
            raise MetadataUnreadable("A part of the file ends too early.")
        start, self.position = self.position, self.position + size
        return self._content[start : self.position]

    def number(self, size: int) -> int:
        """The next number of so many bytes, the highest first; 0 where it has no bytes.

        Raises:
            MetadataUnreadable: there are fewer.
        """
        return int.from_bytes(self.take(size), "big")

    def text(self) -> bytes:
        """The bytes up to the next zero, which is passed.

        Raises:
            MetadataUnreadable: there is no zero.
        """
        end = self._content.find(b"\x00", self.position, self._end)
        if end < 0:
            raise MetadataUnreadable("A text has no end.")
        return self.take(end + 1 - self.position)[:-1]
