"""Find edits of an admin, and what became of the uploads in them."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from open_event_uploads.database.read import read
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.types import is_id, now
from open_event_uploads.errors import NotFound
from open_event_uploads.uploads.edits.model import (
    CHANGED,
    MAX_EDITS,
    REFUSED,
    SAME,
    WAITING,
    Edit,
    EditedUpload,
    EditedUploadRow,
    EditRow,
)


@dataclass(frozen=True, slots=True)
class Progress:
    """Count the uploads of an edit by what became of them."""

    waiting: int
    changed: int
    same: int
    refused: int

    @property
    def total(self) -> int:
        """The uploads of the edit."""
        return self.waiting + self.done

    @property
    def done(self) -> int:
        """The uploads that were tried."""
        return self.changed + self.same + self.refused


def find_edit(id_: str, user_id: str, source: Engine | Execute) -> EditRow:
    """Return an edit.

    Raises:
        NotFound: there is none, or none any more, or it is another admin's.
    """
    query = select(Edit).where(Edit.id == id_, Edit.user_id == user_id, Edit.expires_at > now())
    found = read(source, query, EditRow) if is_id(id_) else []
    if not found:
        raise NotFound("There is no such change of yours; they are kept for an hour.")
    return found[0]


def list_edits(user_id: str, *, engine: Engine) -> list[EditRow]:
    """Return the edits of an admin that can be continued or undone, the newest first."""
    query = select(Edit).where(Edit.user_id == user_id, Edit.expires_at > now())
    newest = query.order_by(Edit.created_at.desc(), Edit.id.desc()).limit(MAX_EDITS)
    return read(engine, newest, EditRow)


def read_edited(edit_id: str, *outcomes: str, source: Engine | Execute) -> list[EditedUploadRow]:
    """Return the uploads of an edit that had one of these outcomes, in their order."""
    query = select(EditedUpload).where(
        EditedUpload.edit_id == edit_id, EditedUpload.outcome.in_(outcomes)
    )
    return read(source, query.order_by(EditedUpload.number), EditedUploadRow)


def read_progress(*edit_ids: str, engine: Engine) -> Mapping[str, Progress]:
    """Return how far edits are, by their ids."""
    query = select(EditedUpload.edit_id, EditedUpload.outcome, func.count())
    grouped = query.where(EditedUpload.edit_id.in_(edit_ids)).group_by(
        EditedUpload.edit_id, EditedUpload.outcome
    )
    counts = {(id_, outcome): count for id_, outcome, count in read(engine, grouped)}
    outcomes = (WAITING, CHANGED, SAME, REFUSED)
    return {id_: Progress(*(counts.get((id_, each), 0) for each in outcomes)) for id_ in edit_ids}
