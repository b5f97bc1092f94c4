"""A variant of an image: computed from the original and a preset, so it needs no row."""

import re
from dataclasses import dataclass
from typing import Any

from open_event_uploads.media.presets import PRESETS, Preset

_FOLDER = "variants"
_KEY = re.compile(rf"{_FOLDER}/(?P<stem>[0-9a-f-]{{36}})-(?P<extension>[a-z0-9]+)/(?P<name>[^/]+)")
_ID = re.compile("(?P<upload>[0-9a-f-]{36})-(?P<preset>[a-z0-9-]+)")


@dataclass(frozen=True, slots=True)
class Variant:
    """One image in one size.

    Args:
        upload: the original, a row with `id`, `key`, `width` and `height`; this room knows no
            tables.
        preset: the size.
    """

    upload: Any
    preset: Preset

    @property
    def id(self) -> str:
        """The original's id and the preset's name: whoever has one can find the original."""
        return variant_id(self.upload.id, self.preset)

    @property
    def name(self) -> str:
        """The preset's name."""
        return self.preset.name

    @property
    def key(self) -> str:
        """Where the bytes lie once they have been made."""
        return variant_key(self.upload.key, self.preset)

    @property
    def media_type(self) -> str:
        """Of the bytes."""
        return self.preset.media_type

    @property
    def width(self) -> int:
        """Pixels."""
        return self.preset.size_of(self.upload.width, self.upload.height)[0]

    @property
    def height(self) -> int:
        """Pixels."""
        return self.preset.size_of(self.upload.width, self.upload.height)[1]


def variants_of(upload: Any) -> list[Variant]:  # noqa: ANN401 - as `Variant.upload`
    """Every variant that an image has."""
    return [Variant(upload, preset) for preset in PRESETS.values()]


def variant_id(upload_id: str, preset: Preset) -> str:
    """The id of a variant."""
    return f"{upload_id}-{preset.name}"


def variant_ids(upload: Any) -> list[str]:  # noqa: ANN401 - as `Variant.upload`
    """The ids of every variant that an image has."""
    return [variant_id(upload.id, preset) for preset in PRESETS.values()]


def parse_variant_id(id_: str) -> tuple[str, Preset] | None:
    """The id of the original, and the preset; None where there is no such preset."""
    match = _ID.fullmatch(id_)
    preset = PRESETS.get(match["preset"]) if match else None
    return (match["upload"], preset) if match and preset else None


def variant_key(key: str, preset: Preset) -> str:
    """The key of the variant of the original under a key."""
    # A folder's name holds no dot.
    folder = f"{_FOLDER}/{key.replace('.', '-')}"
    return f"{folder}/{preset.name}-{preset.digest}.{preset.format.extension}"


def variant_keys(key: str) -> list[str]:
    """The keys of every variant that the original under a key may have."""
    return [variant_key(key, preset) for preset in PRESETS.values()]


def original_key(key: str) -> str | None:
    """The key of the original that a variant's key names; None where it is no variant's."""
    match = _KEY.fullmatch(key)
    return f"{match['stem']}.{match['extension']}" if match else None
