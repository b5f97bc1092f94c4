"""What a named size would make of a picture, before anybody has it."""

from open_event_uploads.errors import NotFound, ObjectNotFound
from open_event_uploads.media.formats import BY_MEDIA_TYPE
from open_event_uploads.media.preset import Preset
from open_event_uploads.media.render import render
from open_event_uploads.models import Upload
from open_event_uploads.storage import Storage


def preview_preset(preset: Preset, upload: Upload, *, storage: Storage) -> bytes:
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
        StorageUnavailable: they cannot be read.
    """
    try:
        with storage.open(upload.key) as reader:
            content = reader.read()
    except ObjectNotFound:
        raise NotFound("The picture was deleted meanwhile.") from None
    return render(content, preset, BY_MEDIA_TYPE[upload.media_type])
