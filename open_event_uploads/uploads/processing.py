"""Decide how new files are processed: what is accepted, stripped, rendered and kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from open_event_uploads.context import current_settings
from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.variants.preset_cache import current_presets


@dataclass(frozen=True, slots=True)
class Processing:
    """Options for processing a new file.

    Args:
        policy: what may be stored.
        strips: whether what tells about people is taken out.
        presets: the variants to make at once; none where they are made when first fetched.
        lease: how long new uploads are kept where the client sets no end; None for good.
    """

    policy: FilePolicy
    strips: bool = True
    presets: Sequence[Preset] = ()
    lease: timedelta | None = None


def current_processing(*, other_files: bool = False) -> Processing:
    """Return the options that the settings give.

    Args:
        other_files: whether they may be other files than images, where the settings allow that.
    """
    settings = current_settings()
    return Processing(
        replace(settings.policy, file_types=settings.file_types if other_files else frozenset()),
        strips=settings.metadata == "strip",
        presets=current_presets() if settings.variants == "eager" else (),
        lease=settings.expires_after,
    )
