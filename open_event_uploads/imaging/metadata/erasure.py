"""Overwrite parts of a file in place."""

from collections.abc import Iterable

from open_event_uploads.imaging.metadata.boxes import Box
from open_event_uploads.imaging.metadata.result import MetadataUnreadable, Stripped, assemble
from open_event_uploads.imaging.metadata.spans import Span, Spans

# XMP part 3, 1.1.4: the box of an XMP packet that is not an item.
_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_LOCATION = b"exif:GPS"

# No reader uses an item of this type; a box of this type is free space.
FREE = b"free"


class Erasure:
    """Collect what to overwrite in a file, check it as a whole, then overwrite it."""

    def __init__(self, content: bytes) -> None:
        self.removed = set[str]()
        self.data: list[Span] = []
        """Parts that may hold bytes of items."""
        self._content = content
        self._end = len(content)
        self._types: list[int] = []
        self._boxes: list[Span] = []
        self._items: list[Span] = []
        self._free: list[Span] = []
        self._kept: list[Span] = []

    def cut(self, end: int) -> None:
        """Remove everything from an offset on."""
        self._end = end
        self.removed.add("trailer")

    def erase_box(self, box: Box) -> None:
        """Turn a box into free space."""
        body = self._content[box.body : box.end]
        if box.type == FREE and not body.strip(b"\x00"):
            return
        is_xmp = box.type == b"uuid" and body.startswith(_XMP_UUID)
        self.removed.add("xmp" if is_xmp else "other")
        self.removed.update(["location"] if _LOCATION in body else [])
        self._types.append(box.start + 4)
        self._boxes.append(Span(box.body, box.end))

    def erase_item(self, type_offset: int, extents: Iterable[Span]) -> None:
        """Give an item the type `free`, and overwrite its bytes."""
        self._types.append(type_offset)
        self._items.extend(extents)

    def clear(self, extents: Iterable[Span]) -> None:
        """Overwrite the bytes of an item whose type is `free` already."""
        self._free.extend(extents)

    def keep(self, extents: Iterable[Span]) -> None:
        """Protect bytes from being overwritten."""
        self._kept.extend(extents)

    def apply(self) -> Stripped:
        """Overwrite everything, unless that would change the image or the file's structure."""
        kept, data = Spans(self._kept), Spans(self.data)
        items = Spans([*self._items, *self._free])
        if not all(map(data.covers, items)) or any(map(kept.overlaps, [*items, *self._boxes])):
            raise MetadataUnreadable("Metadata overlaps the image, or is where no data may be.")
        if kept.overlaps(Span(self._end, len(self._content))):
            raise MetadataUnreadable("The image is not in the file's boxes.")
        if any(self._content[start:end].strip(b"\x00") for start, end in Spans(self._free)):
            self.removed.add("other")
        if not self.removed:
            return Stripped(self._content, ())
        result = bytearray(self._content)
        for start, end in [*items, *self._boxes]:
            result[start:end] = bytes(end - start)
        for at in self._types:
            result[at : at + len(FREE)] = FREE
        return assemble(self._content, self.removed, [memoryview(result)[: self._end]])
