"""Count uploads, and read them in batches: memory stays constant however many there are."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Engine, func, select

from open_event_uploads.database.read import read
from open_event_uploads.uploads.model import Upload, UploadRow

_BATCH = 200


def count_uploads(*conditions: ColumnElement[bool], engine: Engine) -> int:
    """Count the uploads that meet these conditions."""
    ((count,),) = read(engine, select(func.count()).select_from(Upload).where(*conditions))
    return count


def walk_uploads(
    *conditions: ColumnElement[bool], engine: Engine, batch_size: int | None = None
) -> Iterator[list[UploadRow]]:
    """Yield batches of uploads, the highest id first; no transaction is open between them.

    Others write meanwhile: new uploads may be missed, and one that is changed must be read again.
    New ids are higher than others (`new_ordered_id`), so that a walk downwards ends however many
    uploads are added meanwhile.

    Args:
        conditions: that uploads meet.
        engine: of the database.
        batch_size: uploads in a batch.
    """
    query = select(Upload).where(*conditions).order_by(Upload.id.desc()).limit(batch_size or _BATCH)
    rest = query
    while batch := read(engine, rest, UploadRow):
        yield batch
        rest = query.where(Upload.id < batch[-1].id)
