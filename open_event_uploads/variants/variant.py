"""Variants of an image: computed from the original and a preset, so they need no rows."""

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
    """An image in one size.

    Args:
        upload: the original, with the attributes `id`, `key`, `status`, `media_type`, `width`,
            `height` (pixels, upright) and `frames`; a row of any kind, because this package does
            not know the table.
        preset: the size.
    """

    upload: Any
    preset: Preset

    @property
    def id(self) -> str:
        """The original's id and the preset's name, joined by a dash."""
        return f"{self.upload.id}-{self.preset.name}"

    @property
    def name(self) -> str:
        """The preset's name."""
        return self.preset.name

    @property
    def format(self) -> ImageFormat:
        """The format of the bytes."""
        return self.preset.format_of(BY_MEDIA_TYPE[self.upload.media_type])

    @property
    def media_type(self) -> str:
        """The media type of the bytes."""
        return self.format.media_type

    @property
    def key(self) -> str:
        """The storage key of the bytes, whether or not they have been made.

        Its digest covers everything that decides about the bytes: a URL never changes its bytes.
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
    """Return a variant for each preset; none for other files and images that are not ready."""
    return [Variant(upload, preset) for preset in presets] if _has_variants(upload) else []


def variant_ids(upload: Any, names: Iterable[str]) -> list[str]:  # noqa: ANN401 - as `Variant.upload`
    """Return the ids of an upload's variants in the presets of these names."""
    prefix = f"{upload.id}-"
    return [prefix + name for name in names] if _has_variants(upload) else []


def _has_variants(upload: Any) -> bool:  # noqa: ANN401 - as `Variant.upload`
    return upload.media_type in BY_MEDIA_TYPE and upload.status == "ready"


def parse_variant_id(id_: str) -> tuple[str, str] | None:
    """Split an id into the upload's id and the preset's name; None if it is not a variant's."""
    match = _ID.fullmatch(id_)
    return (match["upload"], match["preset"]) if match else None


def variant_format(key: str) -> ImageFormat | None:
    """Return the format of the bytes under a variant's key; None if it is not a variant's."""
    return BY_EXTENSION.get(extension_of_variant(key) or "")
