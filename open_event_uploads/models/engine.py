"""How an engine is made, and made ready, for either database."""

from typing import Any

from sqlalchemy import URL, Engine

from open_event_uploads.models import postgresql
from open_event_uploads.models.sqlite import READ_ONLY, configure_sqlite


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


def configure_engine(engine: Engine, *, read_only: bool = False) -> None:
    """Prepare an engine, before its first connection.

    Args:
        engine: made with `engine_options`.
        read_only: as there.
    """
    if engine.dialect.name == "sqlite":
        configure_sqlite(engine, read_only=read_only)
