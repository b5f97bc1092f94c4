"""Compare revisions of the schema, and migrate by Alembic, which is imported only then."""

import re
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect, text

from open_event_uploads.errors import OperatorError

_TABLE = "alembic_version"
_REVISION = re.compile(r'^(down_)?revision = "(\w+)"$', re.MULTILINE)


class Migrations:
    """The migrations of an application, as Flask-Migrate's commands find them in its extensions.

    Nothing is imported to compare revisions: Alembic takes a tenth of the start, and would be in
    the memory of every worker.

    Args:
        db: the Flask extension, which the library asks for the models.
        folder: of the migrations.
    """

    def __init__(self, db: object, folder: Path) -> None:
        self.db = db
        self.directory = str(folder)

    @cached_property
    def migrate(self) -> Any:  # noqa: ANN401 - of a library that is imported on demand
        """Return Flask-Migrate's own object."""
        library = import_module("flask_migrate")
        # SQLite cannot alter most of a table: Alembic copies it instead.
        return library.Migrate(
            db=self.db, directory=self.directory, compare_type=True, render_as_batch=True
        )

    @cached_property
    def revisions(self) -> tuple[frozenset[str], str]:
        """Return all revisions, and the last of them, from the text of the migrations."""
        found: dict[str, set[str]] = {"": set(), "down_": set()}
        for path in Path(self.directory, "versions").glob("*.py"):
            for prefix, revision in _REVISION.findall(path.read_text("utf-8")):
                found[prefix].add(revision)
        (head,) = found[""] - found["down_"]
        return frozenset(found[""]), head

    def is_outdated(self, engine: Engine) -> bool:
        """Return whether there are migrations to apply to a database.

        A revision that this program does not know comes from a newer version. Migrations only
        expand the schema, so an older program can use it.
        """
        known, head = self.revisions
        current = _current_revision(engine)
        return current is None or (current in known and current != head)

    def is_current(self, engine: Engine) -> bool:
        """Return whether the schema is the one of this program, neither older nor newer."""
        return _current_revision(engine) == self.revisions[1]

    def upgrade(self, **attributes: object) -> None:
        """Apply the missing migrations.

        Args:
            attributes: of Alembic's configuration, for `migrations/env.py`: `engine`, if it is
                not the application's; `is_locked`, if the caller holds the migration lock.

        Raises:
            OperatorError: Alembic refuses, as when a migration is missing.
        """
        command, util = import_module("alembic.command"), import_module("alembic.util")
        config = self.migrate.get_config()
        config.attributes.update(attributes)
        try:
            command.upgrade(config, "head")
        except util.CommandError as error:
            raise OperatorError(f"migrations: {error}") from error


def _current_revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table(_TABLE):
            return None
        revision: str | None = connection.scalar(text(f"SELECT version_num FROM {_TABLE}"))  # noqa: S608 - a constant
        return revision
