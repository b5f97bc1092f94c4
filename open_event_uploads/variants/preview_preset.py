"""Preview what a preset makes of an image."""

from typing import Any

from open_event_uploads.errors import NotFound, ObjectNotFound
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.storage import Storage
from open_event_uploads.variants.make import render_upload


def preview_preset(preset: Preset, upload: Any, *, storage: Storage) -> bytes:  # noqa: ANN401 - as `Variant.upload`
    """Return the bytes that a variant would have, and store nothing.

    Raises:
        NotFound: the image was deleted meanwhile.
        CorruptImage, DecoderUnavailable, StorageUnavailable: as `make_variant`.
    """
    try:
        return render_upload(upload, preset, storage=storage)
    except ObjectNotFound:
        raise NotFound("The image was deleted meanwhile.") from None
