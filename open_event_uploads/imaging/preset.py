"""A named size, and the geometry of what it makes; known before a pixel is made."""

import hashlib
import re
from dataclasses import astuple, dataclass, fields
from typing import Any, Literal, Self, get_args

from PIL import __version__ as pillow_version
from PIL import features

from open_event_uploads.imaging.formats import BY_MEDIA_TYPE, ImageFormat

Fit = Literal["inside", "cover", "contain", "fill"]
Encoding = Literal["webp", "jpeg", "png", "avif", "same"]

FITS: tuple[Fit, ...] = get_args(Fit)
ENCODINGS: tuple[Encoding, ...] = get_args(Encoding)

# Raised by hand when this program makes something else of the same preset.
_ENGINE = 2
_LIBRARIES = " ".join(
    str(features.version(name)) for name in ("webp", "libjpeg_turbo", "avif", "zlib")
)
_NAME = re.compile("[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_NAME_MAX_CHARACTERS = 40
_MAX_SIDE = 10_000
_MAX_QUALITY = 100


@dataclass(frozen=True, slots=True)
class Preset:
    """A named size. Nothing is ever enlarged.

    Args:
        name: what clients call it.
        width: pixels of the box; None for any, where the picture fits inside.
        height: pixels of the box; None for any, where the picture fits inside.
        fit: `inside` keeps the aspect within the box; `cover` crops to the box's aspect;
            `contain` adds a margin to it; `fill` stretches.
        focal_x: what `cover` keeps, 0 (left) to 1 (right).
        focal_y: what `cover` keeps, 0 (top) to 1 (bottom).
        encoding: of the result; `same` as the original's.
        quality: of the encoder, 1 to 100.

    Raises:
        ValueError: it makes no sense; the text says why.
    """

    name: str
    width: int | None
    height: int | None
    fit: Fit = "inside"
    focal_x: float = 0.5
    focal_y: float = 0.5
    encoding: Encoding = "webp"
    quality: int = 80

    @classmethod
    def of(cls, saved: Any) -> Self:  # noqa: ANN401 - a row; this room knows no tables
        """The preset that something with attributes of the same names describes."""
        return cls(**{each.name: getattr(saved, each.name) for each in fields(cls)})

    def __post_init__(self) -> None:
        """Make sure that it makes sense."""
        sides = [side for side in (self.width, self.height) if side is not None]
        problems = {
            "a name is of small letters and digits, with dashes between": not _NAME.fullmatch(
                self.name
            ),
            f"a name has at most {_NAME_MAX_CHARACTERS} characters": len(self.name)
            > _NAME_MAX_CHARACTERS,
            "a width or a height is needed": not sides,
            f"{self.fit} needs both width and height": self.fit != "inside" and len(sides) == 1,
            f"a side has 1 to {_MAX_SIDE} pixels": not all(1 <= s <= _MAX_SIDE for s in sides),
            f"fit is one of {', '.join(FITS)}": self.fit not in FITS,
            f"format is one of {', '.join(ENCODINGS)}": self.encoding not in ENCODINGS,
            f"quality is 1 to {_MAX_QUALITY}": not 1 <= self.quality <= _MAX_QUALITY,
            "a focal point lies between 0 and 1": not (
                0 <= self.focal_x <= 1 and 0 <= self.focal_y <= 1
            ),
        }
        if found := [problem for problem, is_there in problems.items() if is_there]:
            raise ValueError(found[0])

    @property
    def digest(self) -> str:
        """Of everything that decides about the bytes, 16 hexadecimal digits."""
        facts = (*astuple(self)[1:], _ENGINE, pillow_version, _LIBRARIES)
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]

    def format_of(self, source: ImageFormat) -> ImageFormat:
        """What the result is, for an original of this format."""
        return source if self.encoding == "same" else BY_MEDIA_TYPE[f"image/{self.encoding}"]

    def size_of(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of the result, pixels, for an upright original of this size."""
        if self.width is None or self.height is None or self.fit == "inside":
            return self._inside(width, height)
        if self.fit == "fill":
            return min(self.width, width), min(self.height, height)
        # The box, as far as it has to shrink: `cover` until it lies in the picture, `contain`
        # until the picture touches it.
        ratios = (1.0, width / self.width, height / self.height)
        scale = min(ratios) if self.fit == "cover" else min(1.0, max(ratios[1:]))
        return max(1, round(self.width * scale)), max(1, round(self.height * scale))

    def _inside(self, width: int, height: int) -> tuple[int, int]:
        scale = min(
            1.0,
            (self.width or width) / width,
            (self.height or height) / height,
        )
        return max(1, round(width * scale)), max(1, round(height * scale))
