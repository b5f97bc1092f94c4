"""How an engine is made, and made ready, for either database."""

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.exc import OperationalError

from open_event_uploads.database import postgresql
from open_event_uploads.database.bounded_waits import bound_waits
from open_event_uploads.database.sqlite import READ_ONLY, configure_sqlite
from open_event_uploads.database.timing import measure_engine
from open_event_uploads.database.url import database_address
from open_event_uploads.errors import InvalidSettings


def engine_options(
    address: URL, *, pool_size: int, statement_timeout_seconds: int, read_only: bool = False
) -> dict[str, Any]:
    """What an engine of this address is made with.

    Args:
        address: of the database.
        pool_size: connections that are kept open.
        statement_timeout_seconds: after which PostgreSQL gives a statement up; 0 for never.
        read_only: have the database refuse whatever would write.
    """
    options: dict[str, Any] = {"pool_size": pool_size, "execution_options": {READ_ONLY: read_only}}
    if address.get_backend_name() == "postgresql":
        options |= postgresql.engine_options(
            address, statement_timeout_seconds=statement_timeout_seconds, read_only=read_only
        )
    return options


def configure_engine(
    engine: Engine, *, statement_timeout_seconds: int = 0, read_only: bool = False
) -> None:
    """Prepare an engine, before its first connection.

    Args:
        engine: made with `engine_options`.
        statement_timeout_seconds: as there.
        read_only: as there.
    """
    measure_engine(engine)
    if engine.dialect.name == "postgresql":
        bound_waits(engine, statement_timeout_seconds=statement_timeout_seconds)
    if engine.dialect.name == "sqlite":
        configure_sqlite(engine, read_only=read_only)


def open_engine(url: str, *, name: str, read_only: bool = False) -> Engine:
    """An engine for a command that works on another database than the settings name.

    Args:
        url: of the database.
        name: what the operator calls it.
        read_only: as of `engine_options`; such a database must be there.

    Raises:
        InvalidSettings: it cannot be opened; the text says what the server answered.
    """
    address = database_address(url, setting=name)
    # Opening a file that is not there would make it.
    is_file = address.get_backend_name() == "sqlite"
    if is_file and read_only and not Path(address.database or "").is_file():
        raise InvalidSettings(f"{name}: there is no such file")
    options = engine_options(address, pool_size=2, statement_timeout_seconds=0, read_only=read_only)
    engine = create_engine(address, **options)
    configure_engine(engine, read_only=read_only)
    try:
        engine.connect().close()
    except OperationalError as error:
        raise InvalidSettings(f"{name}: the database cannot be used: {error.orig}") from None
    return engine
