"""Every upload, one batch after another: memory stays flat however many there are."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from open_event_uploads.uploads.model import Upload

_BATCH = 200


def walk_uploads(*conditions: ColumnElement[bool], session: Session) -> Iterator[list[Upload]]:
    """Rows by id, with their owners, in no transaction and no session any more.

    Whoever works on one of them reads it again before it is changed: others go on meanwhile.

    Args:
        conditions: that uploads meet.
        session: to read; it is rolled back between two batches.
    """
    query = select(Upload).where(*conditions).options(joinedload(Upload.owner))
    query = query.order_by(Upload.id).limit(_BATCH)
    rest = query
    while uploads := list(session.scalars(rest)):
        # Out of the session first: a rollback would have each row read again at its next use.
        session.expunge_all()
        session.rollback()
        yield uploads
        rest = query.where(Upload.id > uploads[-1].id)
