"""Give all uploads of a user to another user."""

from sqlalchemy import update

from open_event_uploads.database.statement import Execute
from open_event_uploads.database.types import now
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.recount_usage import recount


def reassign_uploads(execute: Execute, owner_id: str, new_owner_id: str) -> None:
    """Change the owner of all uploads of a user, and count their bytes for the new one.

    Args:
        execute: runs statements in the transaction.
        owner_id: of the user who owns them, and is about to be deleted, together with what has
            arrived of unfinished uploads.
        new_owner_id: of the user who gets them.
    """
    execute(
        update(Upload)
        .where(Upload.owner_id == owner_id)
        .values(owner_id=new_owner_id, version=Upload.version + 1, updated_at=now())
    )
    recount(new_owner_id, execute)
