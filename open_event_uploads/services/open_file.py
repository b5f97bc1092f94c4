"""The bytes behind a URL."""

import io
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from open_event_uploads.errors import NotFound, ObjectNotFound, StorageUnavailable
from open_event_uploads.media.variant import Variant, original_key, variants_of
from open_event_uploads.models import Upload
from open_event_uploads.services.make_variant import make_variant
from open_event_uploads.storage import Storage


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that can be read, and what is said of it.

    Args:
        reader: open; whoever has it closes it.
        media_type: of the bytes.
        size: bytes.
        tag: names these bytes and no others.
        filename: what a person who saves it might call it.
        created_at: when the upload was made.
    """

    reader: BinaryIO
    media_type: str
    size: int
    tag: str
    filename: str
    created_at: datetime


def open_file(key: str, *, session: Session, storage: Storage) -> OpenFile:
    """Find the upload whose bytes, or whose variant's, have a key, and open them.

    The row is asked first, so what was deleted or replaced is gone at once even where its bytes
    still wait for the sweeper. A variant is made when it is first asked for.

    Raises:
        NotFound: no upload has this key.
        StorageUnavailable: one has, and its bytes cannot be read.
    """
    original = original_key(key)
    upload = _find(original or key, session)
    try:
        if original is None:
            return _original(upload, storage.open(key))
        return _variant(_current_variant(upload, key), storage)
    except ObjectNotFound:
        raise _missing(upload, session) from None


def _find(key: str, session: Session) -> Upload:
    upload = session.scalar(select(Upload).where(Upload.key == key, Upload.status == "ready"))
    # The transaction ends before bytes move to a client that may be slow; a rollback would have
    # the row read again at its next use.
    session.expunge_all()
    session.rollback()
    if upload is None:
        raise NotFound("There is no such file.")
    return upload


def _original(upload: Upload, reader: BinaryIO) -> OpenFile:
    return OpenFile(
        reader,
        upload.media_type,
        upload.size,
        upload.checksum,
        upload.filename,
        upload.created_at,
    )


def _current_variant(upload: Upload, key: str) -> Variant:
    """The variant that has this key today: another preset or encoder has another one."""
    for variant in variants_of(upload):
        if variant.key == key:
            return variant
    raise NotFound("There is no such file.")


def _variant(variant: Variant, storage: Storage) -> OpenFile:
    try:
        reader = storage.open(variant.key)
    except ObjectNotFound:
        make_variant(variant, storage=storage)
        reader = storage.open(variant.key)
    size = reader.seek(0, io.SEEK_END)
    upload = variant.upload
    stem = upload.filename.rpartition(".")[0] or upload.filename
    return OpenFile(
        reader,
        variant.media_type,
        size,
        f"{upload.checksum}-{variant.preset.digest}",
        f"{stem}-{variant.name}.{variant.preset.format.extension}",
        upload.created_at,
    )


def _missing(upload: Upload, session: Session) -> Exception:
    """Tell a deletion that came between row and bytes from a loss."""
    still_there = session.scalar(select(Upload.id).where(Upload.key == upload.key))
    session.rollback()
    if still_there is None:
        return NotFound("There is no such file.")
    return StorageUnavailable("The file's bytes are missing.", headers={"Retry-After": "60"})
