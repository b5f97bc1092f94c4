"""Fill columns that newer versions added, in rows that older versions wrote."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, and_, or_, update

from open_event_uploads.database.statement import Execute
from open_event_uploads.database.write import write
from open_event_uploads.errors import ObjectNotFound, UploadsError
from open_event_uploads.imaging.decoder.pool import DECODERS
from open_event_uploads.imaging.formats import BY_MEDIA_TYPE
from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.model import Upload, UploadRow, is_served
from open_event_uploads.uploads.walk import count_uploads, walk_uploads
from open_event_uploads.variants.make import file_of

log = logging.getLogger(__name__)

# Uploads between two transactions, and so the most that an interruption loses.
_BATCH = 20

_Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class BackfillReport:
    """Count what was found and done.

    Args:
        incomplete: uploads with an empty column.
        filled: uploads that are complete now.
        failed: uploads whose bytes could not be inspected.
    """

    incomplete: int = 0
    filled: int = 0
    failed: int = 0


def count_incomplete(*, engine: Engine) -> int:
    """Count the uploads that have an empty column."""
    return count_uploads(_is_incomplete(), engine=engine)


def backfill(
    *, engine: Engine, storage: Storage, progress: Callable[[int], None] = lambda _: None
) -> BackfillReport:
    """Fill the empty columns, in batches; an interrupted run can be started again.

    Others may read and write meanwhile: an upload that changes while it is inspected is left to the
    next run. No transaction is open while bytes are read. Version and time of change stay, because
    the upload itself does not change.
    """
    incomplete = filled = failed = 0
    for batch in walk_uploads(_is_incomplete(), engine=engine, batch_size=_BATCH):
        found = [(each, _values_of(each, storage)) for each in batch]
        known = [(each, values) for each, values in found if values is not None]
        filled += _fill(known, engine) if known else 0
        failed += len(found) - len(known)
        incomplete += len(found)
        progress(incomplete)
    return BackfillReport(incomplete, filled, failed)


def _is_incomplete() -> ColumnElement[bool]:
    lacks_checksum = Upload.received_checksum == ""
    lacks_placeholder = and_(Upload.placeholder.is_(None), Upload.media_type.in_(BY_MEDIA_TYPE))
    return and_(is_served(), or_(lacks_checksum, lacks_placeholder))


def _values_of(upload: UploadRow, storage: Storage) -> _Values | None:
    """Return the values of the empty columns; None if the bytes cannot be inspected."""
    values: _Values = {}
    if not upload.received_checksum:
        # The bytes that were sent are gone; "the same bytes again" compares with those served.
        values["received_checksum"] = upload.checksum
    if upload.placeholder is not None or upload.media_type not in BY_MEDIA_TYPE:
        return values
    try:
        with storage.open(upload.key) as reader, file_of(reader) as file:
            shown = DECODERS.inspect(file, _policy_for(upload)).placeholder
    except (UploadsError, ObjectNotFound) as error:
        log.warning("upload %s could not be inspected: %s", upload.id, error)
        return None
    return {**values, "placeholder": shown.thumbhash, "color": shown.color}


def _policy_for(upload: UploadRow) -> FilePolicy:
    """Return a policy that allows the upload, which was accepted with limits of its time."""
    pixels = (upload.width or 0) * (upload.height or 0)
    return FilePolicy(frozenset(BY_MEDIA_TYPE), upload.size, pixels)


def _fill(found: list[tuple[UploadRow, _Values]], engine: Engine) -> int:
    """Write the values to uploads that have not changed meanwhile, and return their number."""

    def step(execute: Execute) -> int:
        filled = 0
        for upload, values in found:
            written = execute(
                update(Upload)
                .where(Upload.id == upload.id, Upload.version == upload.version)
                .values(**values, updated_at=Upload.updated_at)
                .returning(Upload.id)
            )
            filled += len(written)
        return filled

    return write(engine, step)
