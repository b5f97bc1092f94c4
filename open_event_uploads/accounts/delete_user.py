"""An account goes."""

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from open_event_uploads.accounts.token import Token
from open_event_uploads.accounts.update_user import check_user_version, locked_user
from open_event_uploads.database.transaction import write_transaction
from open_event_uploads.database.types import now
from open_event_uploads.errors import UserOwnsUploads
from open_event_uploads.jsonapi.idempotency_key import IdempotencyKey
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.recount_usage import recount


def delete_user(
    user_id: str,
    *,
    reassign_to: str | None = None,
    versions: frozenset[int] | None = None,
    session: Session,
) -> None:
    """Remove an account with its tokens, in one transaction.

    Args:
        user_id: whose.
        reassign_to: the id of the user who gets the uploads; None where there must be none.
        versions: the account must be one of these; None for any.
        session: has no transaction under way that matters; it is rolled back first.

    Raises:
        NotFound: there is no such user, or none to reassign to.
        PreconditionFailed: it is another version; nothing has changed.
        UserOwnsUploads: it owns uploads, and nobody is named who gets them.
        DatabaseUnavailable: nothing has changed.
    """
    with write_transaction(session):
        # In one order whoever deletes whom, so that two never wait for each other.
        locked = {
            each: locked_user(each, session) for each in sorted({user_id, reassign_to or ""} - {""})
        }
        check_user_version(locked[user_id], versions)
        if reassign_to in {None, user_id}:
            _refuse_owner(user_id, session)
        else:
            _reassign(user_id, reassign_to, session)
        session.execute(delete(Token).where(Token.user_id == user_id))
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.user_id == user_id))
        session.delete(locked[user_id])


def _refuse_owner(user_id: str, session: Session) -> None:
    owned = session.scalar(
        select(func.count()).select_from(Upload).where(Upload.owner_id == user_id)
    )
    if owned:
        raise UserOwnsUploads(
            f"The user owns uploads ({owned}); disable the user, or give the uploads to another."
        )


def _reassign(user_id: str, to: str | None, session: Session) -> None:
    session.execute(
        update(Upload)
        .where(Upload.owner_id == user_id)
        .values(owner_id=to, version=Upload.version + 1, updated_at=now())
        .execution_options(synchronize_session=False)
    )
    if to is not None:
        recount(to, session)
