"""Make and configure the engine of either database."""

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
    """Return the options of `create_engine` for an address.

    Args:
        address: of the database.
        pool_size: how many connections are kept open.
        statement_timeout_seconds: after which PostgreSQL cancels a statement; 0 for never.
        read_only: make the database refuse to change anything.
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
    """Configure an engine before its first connection.

    Args:
        engine: made with `engine_options`.
        statement_timeout_seconds: as of `engine_options`.
        read_only: as of `engine_options`.
    """
    measure_engine(engine)
    if engine.dialect.name == "postgresql":
        bound_waits(engine, statement_timeout_seconds=statement_timeout_seconds)
    if engine.dialect.name == "sqlite":
        configure_sqlite(engine, read_only=read_only)


def open_engine(url: str, *, name: str, read_only: bool = False) -> Engine:
    """Open another database than the one that the settings name.

    Args:
        url: of the database.
        name: of the option or setting with the URL, for error messages.
        read_only: as of `engine_options`; the database must exist.

    Raises:
        InvalidSettings: it cannot be opened; the text has the reason that the server gives.
    """
    address = database_address(url, setting=name)
    # Opening a file that does not exist would create it.
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
