"""Is the database's schema the one this program needs?"""

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from open_event_uploads.errors import OutdatedSchema, UnfitDatabase


def outdated(engine: Engine, config: Config) -> bool:
    """Whether migrations are waiting to be applied.

    A revision that this program does not know comes from a newer version, and migrations only
    ever expand the schema that an older one needs.

    Args:
        engine: the database.
        config: Alembic's, which knows where the migrations are.
    """
    scripts = ScriptDirectory.from_config(config)
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        return True
    known = {script.revision for script in scripts.walk_revisions()}
    return current in known and current != scripts.get_current_head()


def is_current(engine: Engine, config: Config) -> bool:
    """Whether the schema is just the one of this program, neither older nor newer.

    Args:
        engine: the database.
        config: as of `outdated`.
    """
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current == ScriptDirectory.from_config(config).get_current_head()


def check_schema(engine: Engine, config: Config) -> None:
    """Make sure that the database is ready for this program.

    Raises:
        OutdatedSchema: it is not; the text says what to run.
        UnfitDatabase: as of `check_letters`.
    """
    check_letters(engine, setting="UPLOADS_DATABASE_URL")
    if outdated(engine, config):
        raise OutdatedSchema(
            "UPLOADS_DATABASE_URL: the database's schema is not up to date; "
            "run `open-event-uploads db upgrade` first"
        )


def check_letters(engine: Engine, *, setting: str) -> None:
    """Make sure that PostgreSQL knows letters other than A to Z: words are found by them.

    Args:
        engine: the database; SQLite knows them all.
        setting: what the operator calls its address.

    Raises:
        UnfitDatabase: its encoding or its locale knows none.
    """
    if engine.dialect.name != "postgresql":
        return
    with engine.connect() as connection:
        utf8 = connection.scalar(text("SHOW server_encoding")) == "UTF8"
        if not utf8 or not connection.scalar(text("SELECT 'é日' ~ '^[[:alnum:]]{2}$'")):
            raise UnfitDatabase(
                f"{setting}: the database needs the encoding UTF8 and a locale that knows letters, "
                "such as C.UTF-8: CREATE DATABASE … ENCODING 'UTF8' LOCALE 'C.UTF-8' "
                "TEMPLATE template0"
            )
