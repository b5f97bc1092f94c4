"""Is the database's schema the one this program needs?"""

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from open_event_uploads.errors import OutdatedSchema


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


def check_schema(engine: Engine, config: Config) -> None:
    """Make sure that the database is ready for this program.

    Raises:
        OutdatedSchema: it is not; the text says what to run.
    """
    if outdated(engine, config):
        raise OutdatedSchema(
            "UPLOADS_DATABASE_URL: the database's schema is not up to date; "
            "run `open-event-uploads db upgrade` first"
        )
