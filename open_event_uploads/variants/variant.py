"""A variant of an image: computed from the original and a preset, so it needs no row."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from open_event_uploads.imaging.formats import BY_EXTENSION, BY_MEDIA_TYPE, ImageFormat
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.storage.keys import extension_of_variant, variants_folder

_ID = re.compile("(?P<upload>[0-9a-f-]{36})-(?P<preset>[a-z0-9-]+)")


@dataclass(frozen=True, slots=True)
class Variant:
    """One image in one size.

    Args:
        upload: the original, a row with `id`, `key`, `status`, `media_type`, `width` and `height`;
            this room knows no tables.
        preset: the size.
    """

    upload: Any
    preset: Preset

    @property
    def id(self) -> str:
        """The original's id and the preset's name: whoever has one can find the original."""
        return f"{self.upload.id}-{self.preset.name}"

    @property
    def name(self) -> str:
        """The preset's name."""
        return self.preset.name

    @property
    def source(self) -> ImageFormat:
        """What the original is."""
        return BY_MEDIA_TYPE[self.upload.media_type]

    @property
    def format(self) -> ImageFormat:
        """What the bytes are."""
        return self.preset.format_of(self.source)

    @property
    def media_type(self) -> str:
        """Of the bytes."""
        return self.format.media_type

    @property
    def key(self) -> str:
        """Where the bytes lie once they have been made.

        The digest is of everything that decides about them: a URL never changes its bytes.
        """
        name = f"{self.preset.digest}.{self.format.extension}"
        return f"{variants_folder(self.upload.key)}/{name}"

    @property
    def width(self) -> int:
        """Pixels."""
        return self.preset.size_of(self.upload.width, self.upload.height)[0]

    @property
    def height(self) -> int:
        """Pixels."""
        return self.preset.size_of(self.upload.width, self.upload.height)[1]


def variants_of(upload: Any, presets: Iterable[Preset]) -> list[Variant]:  # noqa: ANN401 - as `Variant.upload`
    """Every variant that an upload has: an image has one for each preset, any other file none.

    Neither has an image whose bytes are not handed out.
    """
    return [Variant(upload, preset) for preset in presets] if _has_variants(upload) else []


def variant_ids(upload: Any, names: Iterable[str]) -> list[str]:  # noqa: ANN401 - as `Variant.upload`
    """The ids of the same.

    Args:
        upload: the original.
        names: of the presets.
    """
    start = f"{upload.id}-"
    return [start + name for name in names] if _has_variants(upload) else []


def _has_variants(upload: Any) -> bool:  # noqa: ANN401 - as `Variant.upload`
    return upload.media_type in BY_MEDIA_TYPE and upload.status == "ready"


def parse_variant_id(id_: str) -> tuple[str, str] | None:
    """The id of the original and the name of the preset; None where it cannot be a variant's."""
    match = _ID.fullmatch(id_)
    return (match["upload"], match["preset"]) if match else None


def variant_format(key: str) -> ImageFormat | None:
    """What the bytes under a variant's key are; None where it is no variant's."""
    return BY_EXTENSION.get(extension_of_variant(key) or "")
