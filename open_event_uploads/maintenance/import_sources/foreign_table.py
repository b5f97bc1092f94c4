"""Describe a table of another system, of which versions have more or fewer columns."""

from typing import Any

from sqlalchemy import ColumnElement, TableClause, column, null, table

from open_event_uploads.errors import InvalidImport
from open_event_uploads.maintenance.import_sources.database import ForeignDatabase


class ForeignTable:
    """A table; `table["name"]` is a column of it.

    Args:
        database: that has it.
        system: the name of the other system.
        name: of the table.
        needed: columns that every version has.
        optional: columns that are null in versions without them.

    Raises:
        InvalidImport: the table or a column is missing.
    """

    def __init__(
        self,
        database: ForeignDatabase,
        system: str,
        name: str,
        needed: tuple[str, ...],
        optional: tuple[str, ...] = (),
    ) -> None:
        database.check_tables(system, name)
        found = database.columns_of(name)
        if missing := [each for each in needed if each not in found]:
            raise InvalidImport(
                f"--database: the table `{name}` has no column `{missing[0]}`: it is of a version "
                f"of {system} that `import` does not know"
            )
        self.clause: TableClause = table(name, *(column(each) for each in sorted(found)))
        self._names = (*needed, *optional)

    def __getitem__(self, name: str) -> ColumnElement[Any]:
        """Return a column, or null under its name."""
        found = self.clause.c.get(name)
        return null().label(name) if found is None else found

    def columns(self) -> list[ColumnElement[Any]]:
        """Return the needed and the optional columns, in their order."""
        return [self[each] for each in self._names]
