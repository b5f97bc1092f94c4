"""Writing to the database with a session; `shared_commit` writes without one."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from open_event_uploads.database.sqlite import READ_ONLY, WRITES
from open_event_uploads.database.write_lock import turn_to_write
from open_event_uploads.errors import CommitOutcomeUnknown, ReadOnly
from open_event_uploads.fault_points import reach


@contextmanager
def write_transaction(session: Session) -> Iterator[Session]:
    """A transaction that will write: committed at the end of the block, rolled back on an error.

    Whatever the session read before belongs to an older snapshot and is let go first, so a row
    that is about to change must be read again inside.

    Raises:
        ReadOnly: the engine only reads.
        DatabaseUnavailable: the turn to write did not come in time.
        CommitOutcomeUnknown: COMMIT itself failed, and may have taken effect nevertheless.
    """
    session.rollback()
    engine = engine_of(session)
    refuse_if_read_only(engine)
    with turn_to_write(engine):
        try:
            session.connection(execution_options={WRITES: True})
            yield session
            session.flush()
            reach("commit.begin")
        except BaseException:
            session.rollback()
            raise
        try:
            with outcome_may_be_unknown():
                session.commit()
        except CommitOutcomeUnknown:
            with suppress(SQLAlchemyError):
                session.rollback()
            raise
    reach("commit.done")


def refuse_if_read_only(engine: Engine) -> None:
    """Stop where nothing may be written.

    Raises:
        ReadOnly: the engine only reads.
    """
    if engine.get_execution_options().get(READ_ONLY):
        raise ReadOnly


@contextmanager
def outcome_may_be_unknown() -> Iterator[None]:
    """Around COMMIT alone.

    Raises:
        CommitOutcomeUnknown: it failed, or was interrupted, and may have taken effect nevertheless.
    """
    try:
        yield
    except BaseException as error:
        raise CommitOutcomeUnknown(
            "The database did not confirm the change.", headers={"Retry-After": "5"}
        ) from error


def engine_of(session: Session) -> Engine:
    """The engine of a session's database."""
    bind = session.get_bind()
    return bind if isinstance(bind, Engine) else bind.engine
