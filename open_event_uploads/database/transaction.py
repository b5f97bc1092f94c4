"""Writing to the database with a session; gone as soon as its callers use `write`."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from open_event_uploads.database.commit import commit
from open_event_uploads.database.sqlite import WRITES
from open_event_uploads.database.statement import NO_VALUES, Execute, as_statement
from open_event_uploads.database.write import refuse_if_read_only
from open_event_uploads.database.write_lock import write_lock
from open_event_uploads.fault_points import reach


@contextmanager
def write_transaction(session: Session) -> Iterator[Session]:
    """A transaction that will write: committed at the end of the block, rolled back on an error."""
    session.rollback()
    engine = engine_of(session)
    refuse_if_read_only(engine)
    with write_lock(engine):
        try:
            session.connection(execution_options={WRITES: True})
            yield session
            session.flush()
            commit(session.commit)
        except BaseException:
            with suppress(SQLAlchemyError):
                session.rollback()
            raise
    reach("commit.done")


def within(session: Session) -> Execute:
    """Run statements in a session's transaction."""
    return lambda statement, values=NO_VALUES: as_statement(statement).on(
        session.connection(), values
    )


def engine_of(session: Session) -> Engine:
    """Return the engine of a session's database."""
    bind = session.get_bind()
    return bind if isinstance(bind, Engine) else bind.engine
