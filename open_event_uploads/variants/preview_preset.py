"""What a named size would make of a picture, before anybody has it."""

from functools import partial
from typing import Any

from open_event_uploads.errors import NotFound, ObjectNotFound
from open_event_uploads.imaging.decoder.pool import DECODERS
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.storage import Storage

_CHUNK_BYTES = 256 * 1024


def preview_preset(preset: Preset, upload: Any, *, storage: Storage) -> bytes:  # noqa: ANN401 - as `Variant.upload`
    """Make one size of an image, and keep nothing of it.

    Args:
        preset: the size.
        upload: an image; its row belongs to no transaction.
        storage: for its bytes.

    Returns:
        The bytes that a variant would have.

    Raises:
        NotFound: the image was deleted meanwhile.
        CorruptImage: its bytes are damaged.
        DecoderUnavailable: no process could be started to decode them.
        StorageUnavailable: they cannot be read.
    """
    try:
        with storage.open(upload.key) as reader:
            content = IncomingFile.receive(iter(partial(reader.read, _CHUNK_BYTES), b""))
    except ObjectNotFound:
        raise NotFound("The picture was deleted meanwhile.") from None
    with content:
        return DECODERS.render(content, preset, upload)
