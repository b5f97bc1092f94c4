"""Overwrite parts of a file where they are."""

from collections.abc import Iterable

from open_event_uploads.imaging.metadata.boxes import Box
from open_event_uploads.imaging.metadata.result import MetadataUnreadable, Stripped, stripped
from open_event_uploads.imaging.metadata.spans import Span, Spans

# XMP part 3, 1.1.4: the box of an XMP packet outside of items.
_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_LOCATION = b"exif:GPS"

# An item of this type is nothing to any reader; a box of this type is free space.
FREE = b"free"


class Erasure:
    """What is to be overwritten, collected first, then judged, then done at once.

    Args:
        content: the file.
    """

    def __init__(self, content: bytes) -> None:
        self.removed = set[str]()
        self.data: list[Span] = []
        """Where items may have their bytes."""
        self._content = content
        self._end = len(content)
        self._types: list[int] = []
        self._boxes: list[Span] = []
        self._items: list[Span] = []
        self._free: list[Span] = []
        self._kept: list[Span] = []

    def cut(self, end: int) -> None:
        """Let the file end here."""
        self._end = end
        self.removed.add("trailer")

    def erase_box(self, box: Box) -> None:
        """Make free space of a box."""
        body = self._content[box.body : box.end]
        if box.type == FREE and not body.strip(b"\x00"):
            return
        is_xmp = box.type == b"uuid" and body.startswith(_XMP_UUID)
        self.removed.add("xmp" if is_xmp else "other")
        self.removed.update(["location"] if _LOCATION in body else [])
        self._types.append(box.start + 4)
        self._boxes.append(Span(box.body, box.end))

    def erase_item(self, type_at: int, places: Iterable[Span]) -> None:
        """Make an item nothing, and its bytes zeros."""
        self._types.append(type_at)
        self._items.extend(places)

    def clear(self, places: Iterable[Span]) -> None:
        """Make zeros of the bytes of an item that is nothing already."""
        self._free.extend(places)

    def keep(self, places: Iterable[Span]) -> None:
        """Nothing may touch these."""
        self._kept.extend(places)

    def stripped(self) -> Stripped:
        """The file, overwritten.

        Raises:
            MetadataUnreadable: that would harm the picture, or the file's structure.
        """
        kept, data = Spans(self._kept), Spans(self.data)
        items = Spans([*self._items, *self._free])
        if not all(map(data.cover, items)) or any(map(kept.meet, [*items, *self._boxes])):
            raise MetadataUnreadable("Metadata stands in the picture, or where no data may.")
        if kept.meet(Span(self._end, len(self._content))):
            raise MetadataUnreadable("The picture is not in the file's boxes.")
        if any(self._content[start:end].strip(b"\x00") for start, end in Spans(self._free)):
            self.removed.add("other")
        if not self.removed:
            return Stripped(self._content, ())
        result = bytearray(self._content)
        for start, end in [*items, *self._boxes]:
            result[start:end] = bytes(end - start)
        for at in self._types:
            result[at : at + len(FREE)] = FREE
        return stripped(self._content, self.removed, [memoryview(result)[: self._end]])
