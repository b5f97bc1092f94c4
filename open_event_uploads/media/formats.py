"""The image formats this program knows, by each name they go by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImageFormat:
    """One format.

    Args:
        media_type: as registered with IANA.
        extension: what our storage keys end with, without the dot.
        extensions: what people's file names end with.
        pillow_names: what Pillow calls it; several where a format has a variant.
    """

    media_type: str
    extension: str
    extensions: frozenset[str]
    pillow_names: tuple[str, ...]


FORMATS = (
    # A multi-picture object is a JPEG followed by further JPEGs; viewers show the first.
    ImageFormat("image/jpeg", "jpg", frozenset({"jpg", "jpeg", "jpe", "jfif"}), ("JPEG", "MPO")),
    ImageFormat("image/png", "png", frozenset({"png", "apng"}), ("PNG",)),
    ImageFormat("image/gif", "gif", frozenset({"gif"}), ("GIF",)),
    ImageFormat("image/webp", "webp", frozenset({"webp"}), ("WEBP",)),
    ImageFormat("image/avif", "avif", frozenset({"avif", "avifs"}), ("AVIF",)),
)

BY_MEDIA_TYPE = {each.media_type: each for each in FORMATS}
BY_EXTENSION = {each.extension: each for each in FORMATS}
BY_PILLOW_NAME = {name: each for each in FORMATS for name in each.pillow_names}
MEDIA_TYPES = frozenset(BY_MEDIA_TYPE)
