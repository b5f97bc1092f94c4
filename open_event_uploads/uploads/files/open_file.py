"""Open the bytes behind a URL."""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import Engine

from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.imaging.formats import FileFormat, format_of_key
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.storage import Storage
from open_event_uploads.storage.keys import digest_of_variant, is_private
from open_event_uploads.uploads.files.file_cache import FILE_CACHE
from open_event_uploads.uploads.files.find_file import missing
from open_event_uploads.uploads.files.provide_variant import provide_variant
from open_event_uploads.uploads.model import UploadColumns


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that can be read, and what its header fields are made of.

    Args:
        reader: open, at its beginning; the caller closes it.
        format: of the bytes.
        size: bytes.
        tag: names these bytes and no others.
        filename: what a person who saves it might call it.
        created_at: when the upload was made.
        expires_at: the end of its lease; None for no end.
        is_private: whether not everybody may see it.
    """

    reader: BinaryIO
    format: FileFormat
    size: int
    tag: str
    filename: str
    created_at: datetime
    expires_at: datetime | None = None
    is_private: bool = False


def open_file(
    upload: UploadColumns,
    key: str,
    *,
    presets: Callable[[], Iterable[Preset]],
    engine: Engine,
    storage: Storage,
) -> OpenFile:
    """Open the bytes of an upload, or of its variant, which is made when it is first requested.

    Args:
        upload: as `find_file` found it.
        key: of the original or of a variant.
        presets: gives the sizes there are, where they are needed.
        engine: for the row, to tell a deletion from a loss.
        storage: for the bytes.

    Raises:
        NotFound: there is no such variant, or the upload is gone meanwhile.
        StorageUnavailable: the bytes cannot be read.
    """
    try:
        if key == upload.key:
            return open_original(upload, storage)
        format_ = provide_variant(upload, key, presets=presets, engine=engine, storage=storage)
        return _variant(upload, key, format_, storage.open(key))
    except ObjectNotFound:
        raise missing(upload, engine) from None


def open_original(upload: UploadColumns, storage: Storage) -> OpenFile:
    """Open the bytes of an upload itself.

    Raises:
        ObjectNotFound: they are gone.
        StorageUnavailable: they cannot be read.
    """
    return OpenFile(
        FILE_CACHE.open(upload, storage),
        format_of_key(upload.key),
        upload.size,
        upload.checksum,
        upload.filename,
        upload.created_at,
        upload.expires_at,
        is_private(upload.key),
    )


def _variant(upload: UploadColumns, key: str, format_: FileFormat, reader: BinaryIO) -> OpenFile:
    size = reader.seek(0, io.SEEK_END)
    reader.seek(0)
    return OpenFile(
        reader,
        format_,
        size,
        f"{upload.checksum}-{digest_of_variant(key)}",
        name_of_variant(upload, format_),
        upload.created_at,
        upload.expires_at,
        is_private(upload.key),
    )


def name_of_variant(upload: UploadColumns, format_: FileFormat) -> str:
    """Return a file name for a variant."""
    stem = upload.filename.rpartition(".")[0] or upload.filename
    return f"{stem}.{format_.extension}"
