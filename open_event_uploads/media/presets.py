"""Named sizes, and what an image becomes in one: known before a pixel of it is made."""

import hashlib
from dataclasses import dataclass

from PIL import __version__ as pillow_version
from PIL import features

from open_event_uploads.media.formats import BY_MEDIA_TYPE, ImageFormat


@dataclass(frozen=True, slots=True)
class Preset:
    """A named size.

    Args:
        name: what clients call it.
        width: pixels at most; the aspect is kept and nothing is enlarged.
        media_type: of the result.
        quality: of the encoder, 1 to 100.
    """

    name: str
    width: int
    media_type: str
    quality: int

    @property
    def format(self) -> ImageFormat:
        """What the result is."""
        return BY_MEDIA_TYPE[self.media_type]

    @property
    def digest(self) -> str:
        """Of everything that decides about the bytes, the encoder's version too.

        It is part of a variant's URL, because a URL never changes its bytes.
        """
        encoder = f"{pillow_version} {features.version('webp')}"
        return hashlib.sha256(f"{self!r} {encoder}".encode()).hexdigest()[:16]

    def size_of(self, width: int, height: int) -> tuple[int, int]:
        """Width and height, pixels, that an image of this size gets."""
        new_width = min(self.width, width)
        return new_width, max(1, round(height * new_width / width))


PRESETS = {"thumbnail": Preset("thumbnail", width=500, media_type="image/webp", quality=80)}
