"""Check the database and the storage, for `/health/ready`."""

from collections.abc import Callable
from functools import partial

from sqlalchemy import Engine, text

from open_event_uploads.database.migrations import Migrations
from open_event_uploads.errors import UnusableStorage
from open_event_uploads.maintenance.check_storage import check_storage
from open_event_uploads.storage import Storage


def checks_of_parts(
    *, engine: Engine, migrations: Migrations, storage: Storage
) -> dict[str, Callable[[], None]]:
    """Return a check for each part, by name; it raises where the part cannot be used."""
    return {
        "database": partial(_use_database, engine),
        "schema": partial(_compare_schema, engine, migrations),
        "storage": partial(check_storage, storage),
    }


def _use_database(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))


def _compare_schema(engine: Engine, migrations: Migrations) -> None:
    if migrations.is_outdated(engine):
        raise UnusableStorage
