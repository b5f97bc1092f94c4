"""Check that the database has the schema that this program needs."""

from sqlalchemy import Engine, text

from open_event_uploads.database.migrations import Migrations
from open_event_uploads.errors import OutdatedSchema, UnfitDatabase


def check_schema(engine: Engine, migrations: Migrations) -> None:
    """Check that this program can use the database.

    Raises:
        OutdatedSchema: it needs migrations; the text names the command.
        UnfitDatabase: as of `check_encoding`.
    """
    check_encoding(engine, setting="UPLOADS_DATABASE_URL")
    if migrations.is_outdated(engine):
        raise OutdatedSchema(
            "UPLOADS_DATABASE_URL: the database's schema is not up to date; "
            "run `open-event-uploads db upgrade` first"
        )


def check_encoding(engine: Engine, *, setting: str) -> None:
    """Check that PostgreSQL recognizes letters other than A to Z, which the search for words needs.

    Args:
        engine: of the database; SQLite always does.
        setting: that holds its address, for the error.

    Raises:
        UnfitDatabase: the encoding or the locale does not allow it.
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
