"""Provide a variant when it is requested."""

from collections.abc import Callable, Iterable

from sqlalchemy import Engine

from open_event_uploads.imaging.formats import ImageFormat
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.files.find_file import no_such_file
from open_event_uploads.uploads.model import UploadColumns
from open_event_uploads.uploads.rows import has_key
from open_event_uploads.uploads.store import discard
from open_event_uploads.variants.make import exists, make_variant
from open_event_uploads.variants.variant import Variant, variant_format, variants_of


def provide_variant(
    upload: UploadColumns,
    key: str,
    *,
    presets: Callable[[], Iterable[Preset]],
    engine: Engine,
    storage: Storage,
) -> ImageFormat:
    """Make a variant, unless the storage has it.

    A variant of an earlier preset or encoder is served until the sweeper removes it.

    Args:
        upload: the original.
        key: of the variant.
        presets: returns the current presets; called only if the variant must be made.
        engine: to notice that the upload is deleted meanwhile.
        storage: of the bytes.

    Returns:
        The format of the bytes.

    Raises:
        NotFound: there is no such variant, or no such upload any more.
        ObjectNotFound: the original's bytes are gone.
    """
    format_ = variant_format(key)
    if format_ is None:
        raise no_such_file()
    if not exists(key, storage):
        make_variant(_current_variant(upload, key, presets()), storage=storage)
        if not has_key(engine, upload.key):
            # Deleted while its variant was made: nothing else would remove the variant.
            discard(upload.key, storage)
            raise no_such_file()
    return format_


def _current_variant(upload: UploadColumns, key: str, presets: Iterable[Preset]) -> Variant:
    """Return the variant with this key; an earlier preset or encoder has another key."""
    for variant in variants_of(upload, presets):
        if variant.key == key:
            return variant
    raise no_such_file()
