"""The bytes behind a URL."""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from open_event_uploads.errors import NotFound, ObjectNotFound, StorageUnavailable
from open_event_uploads.media.formats import FileFormat, format_of_key
from open_event_uploads.media.key import is_private, original_key
from open_event_uploads.media.preset import Preset
from open_event_uploads.media.variant import Variant, variant_format, variants_of
from open_event_uploads.models import Upload
from open_event_uploads.models.upload import is_served
from open_event_uploads.services.make_variant import exists, make_variant
from open_event_uploads.services.store_file import discard
from open_event_uploads.storage import Storage


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that can be read, and what is said of it.

    Args:
        reader: open; whoever has it closes it.
        format: of the bytes.
        size: bytes.
        tag: names these bytes and no others.
        filename: what a person who saves it might call it.
        created_at: when the upload was made.
        expires_at: the end of its lease; None for no end.
        is_private: whether not everybody may see it.
        is_fresh: whether it was made a moment ago, for this request.
    """

    reader: BinaryIO
    format: FileFormat
    size: int
    tag: str
    filename: str
    created_at: datetime
    expires_at: datetime | None = None
    is_private: bool = False
    is_fresh: bool = False


def open_file(
    key: str,
    *,
    may_open: Callable[[Upload], bool],
    presets: Callable[[], Iterable[Preset]],
    session: Session,
    storage: Storage,
) -> OpenFile:
    """Find the upload whose bytes, or whose variant's, have a key, and open them.

    The row is asked first, so what was deleted or replaced is gone at once even where its bytes
    still wait for the sweeper, and so is what has expired or is quarantined. A variant is made
    when it is first asked for; one that was made by a preset or an encoder of the past is there
    until the sweeper removes it.

    Args:
        key: of the original or of a variant.
        may_open: whether whoever asks may see a private file.
        presets: gives the sizes there are, where they are needed.
        session: for the row.
        storage: for the bytes.

    Raises:
        NotFound: no upload has this key, or it is not to be seen.
        StorageUnavailable: one has, and its bytes cannot be read.
    """
    original = original_key(key)
    upload = _find(original or key, session)
    if is_private(upload.key) and not may_open(upload):
        raise NotFound("There is no such file.")
    try:
        if original is None:
            return _original(upload, storage.open(key))
        file = _variant(upload, key, presets, storage)
    except ObjectNotFound:
        raise _missing(upload, session) from None
    if not file.is_fresh or _is_there(upload, session):
        return file
    # It was deleted while its variant was being made, which nobody would remove any more.
    file.reader.close()
    discard(upload.key, storage)
    raise NotFound("There is no such file.")


def _find(key: str, session: Session) -> Upload:
    upload = session.scalar(select(Upload).where(Upload.key == key, is_served()))
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
        format_of_key(upload.key),
        upload.size,
        upload.checksum,
        upload.filename,
        upload.created_at,
        upload.expires_at,
        is_private(upload.key),
    )


def _variant(
    upload: Upload, key: str, presets: Callable[[], Iterable[Preset]], storage: Storage
) -> OpenFile:
    format_ = variant_format(key)
    if format_ is None:
        raise NotFound("There is no such file.")
    is_fresh = not exists(key, storage)
    if is_fresh:
        make_variant(_current_variant(upload, key, presets()), storage=storage)
    reader = storage.open(key)
    size = reader.seek(0, io.SEEK_END)
    stem = upload.filename.rpartition(".")[0] or upload.filename
    digest = key.rpartition("/")[2].partition(".")[0]
    return OpenFile(
        reader,
        format_,
        size,
        f"{upload.checksum}-{digest}",
        f"{stem}.{format_.extension}",
        upload.created_at,
        upload.expires_at,
        is_private(upload.key),
        is_fresh,
    )


def _current_variant(upload: Upload, key: str, presets: Iterable[Preset]) -> Variant:
    """The variant that has this key today: another preset or encoder has another one."""
    for variant in variants_of(upload, presets):
        if variant.key == key:
            return variant
    raise NotFound("There is no such file.")


def _missing(upload: Upload, session: Session) -> Exception:
    """Tell a deletion that came between row and bytes from a loss."""
    if not _is_there(upload, session):
        return NotFound("There is no such file.")
    return StorageUnavailable("The file's bytes are missing.", headers={"Retry-After": "60"})


def _is_there(upload: Upload, session: Session) -> bool:
    found = session.scalar(select(Upload.id).where(Upload.key == upload.key))
    session.rollback()
    return found is not None
