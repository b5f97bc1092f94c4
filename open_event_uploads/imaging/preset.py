"""Describe a preset (a named size) and compute the size of its results."""

import hashlib
import re
from dataclasses import astuple, dataclass, fields
from typing import Any, Literal, Self, get_args

from PIL import __version__ as pillow_version
from PIL import features

from open_event_uploads.errors import Sentence
from open_event_uploads.imaging.formats import BY_MEDIA_TYPE, ImageFormat

Fit = Literal["inside", "cover", "contain", "fill"]
Encoding = Literal["webp", "jpeg", "png", "avif", "same"]

FITS: tuple[Fit, ...] = get_args(Fit)
ENCODINGS: tuple[Encoding, ...] = get_args(Encoding)

# Increased when this program renders the same preset differently.
_RENDERER = 3
_LIBRARIES = " ".join(
    str(features.version(name)) for name in ("webp", "libjpeg_turbo", "avif", "zlib")
)
_NAME = re.compile("[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_NAME_MAX_CHARACTERS = 40
_MAX_SIDE = 10_000
_MAX_QUALITY = 100


@dataclass(frozen=True, slots=True)
class Preset:
    """A named size; no image is ever enlarged.

    Args:
        name: used in ids of variants.
        width: pixels of the box; None for any, with `inside` only.
        height: pixels of the box; None for any, with `inside` only.
        fit: `inside` keeps the aspect within the box; `cover` crops to the box's aspect;
            `contain` adds a margin to it; `fill` stretches.
        focal_x: the part that `cover` keeps, 0 (left) to 1 (right).
        focal_y: the part that `cover` keeps, 0 (top) to 1 (bottom).
        encoding: format of the result; `same` as the original's.
        quality: setting of the encoder, 1 to 100.

    Raises:
        ValueError: a value is invalid; the message is for users.
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
    def from_row(cls, row: Any) -> Self:  # noqa: ANN401 - a row; this package knows no tables
        """Make a preset from an object with attributes of the same names."""
        return cls(**{each.name: getattr(row, each.name) for each in fields(cls)})

    def __post_init__(self) -> None:
        """Validate the values."""
        _check_range("The length of name", len(self.name), 1, _NAME_MAX_CHARACTERS)
        _check_choice("fit", self.fit, FITS)
        _check_choice("format", self.encoding, ENCODINGS)
        sides = [side for side in (self.width, self.height) if side is not None]
        if not _NAME.fullmatch(self.name):
            raise ValueError("name must be lower-case letters and digits with single dashes.")
        if not sides:
            raise ValueError("A preset needs a width or a height.")
        if self.fit != "inside" and len(sides) == 1:
            raise ValueError(Sentence("fit %(fit)s needs both width and height.", fit=self.fit))
        for side in sides:
            _check_range("width and height", side, 1, _MAX_SIDE)
        _check_range("quality", self.quality, 1, _MAX_QUALITY)
        for part in (self.focal_x, self.focal_y):
            _check_range("A focal point", part, 0, 1)

    @property
    def digest(self) -> str:
        """A digest of everything that decides about the bytes, 16 hexadecimal digits."""
        facts = (*astuple(self)[1:], _RENDERER, pillow_version, _LIBRARIES)
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]

    def format_of(self, source: ImageFormat) -> ImageFormat:
        """Return the format of the result for an original of this format."""
        return source if self.encoding == "same" else BY_MEDIA_TYPE[f"image/{self.encoding}"]

    def size_of(self, width: int, height: int) -> tuple[int, int]:
        """Return width and height of the result for an upright original of this size, pixels."""
        if self.width is None or self.height is None or self.fit == "inside":
            return self._inside(width, height)
        if self.fit == "fill":
            return min(self.width, width), min(self.height, height)
        # The box shrinks until it lies within the image (`cover`), or until the image touches it
        # (`contain`).
        ratios = (1.0, width / self.width, height / self.height)
        scale = min(ratios) if self.fit == "cover" else min(1.0, max(ratios[1:]))
        return max(1, round(self.width * scale)), max(1, round(self.height * scale))

    def _max_side(self, width: int, height: int) -> int:
        """Return the longest side that the format of the result can have, of this original."""
        target = None if self.encoding == "same" else BY_MEDIA_TYPE[f"image/{self.encoding}"]
        return (target and target.max_side) or max(width, height)

    def _inside(self, width: int, height: int) -> tuple[int, int]:
        scale = min(
            1.0,
            (self.width or width) / width,
            (self.height or height) / height,
            self._max_side(width, height) / max(width, height),
        )
        return max(1, round(width * scale)), max(1, round(height * scale))


def _check_choice(field: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{field} must be one of {', '.join(choices)}.")


def _check_range(field: str, value: float, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ValueError(f"{field} must be between {low} and {high}; got {value}.")
