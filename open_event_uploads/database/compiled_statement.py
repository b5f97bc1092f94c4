"""Run statements on the driver of SQLite, without SQLAlchemy's layers.

Values and columns are converted as SQLAlchemy converts them.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from sqlite3 import Connection as SqliteConnection
from sqlite3 import Error as SqliteError
from typing import Any

from sqlalchemy import BindParameter, Dialect

from open_event_uploads.database.driver_errors import as_sqlalchemy_error

Values = Mapping[str, Any]
Rows = Sequence[Sequence[Any]]


class CompiledStatement:
    """A clause that was compiled to the SQL of SQLite.

    Args:
        clause: of SQLAlchemy.
        dialect: of SQLAlchemy, for this driver.
    """

    def __init__(self, clause: Any, dialect: Dialect) -> None:  # noqa: ANN401 - any clause
        self._clause: Any = clause.compile(dialect=dialect)
        self._sql = str(self._clause)
        names = getattr(self._clause, "positiontup", None) or ()
        # Columns that are given no value, and that Python computes one for.
        computed = getattr(self._clause, "update_prefetch", ())
        onupdates = {each.key: each.onupdate for each in computed}
        self._parameters = {
            name: _Parameter(self._clause.binds[name], dialect, onupdates.get(name))
            for name in names
        }
        self._bindings = [self._parameters[name].binding() for name in names]
        # A list of values is written out where the statement runs (`in_`).
        self._has_lists = bool(getattr(self._clause, "post_compile_params", ()))
        columns = getattr(clause, "exported_columns", ())
        self._conversions = [
            (place, convert)
            for place, column in enumerate(columns)
            if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None))
        ]

    def run(self, connection: SqliteConnection, dialect: Dialect, values: Values) -> Rows:
        """Run the statement, and return its rows, if it has any.

        Args:
            connection: of the driver.
            dialect: as the class has it.
            values: of the named parameters.

        Raises:
            DBAPIError: the database refuses it.
        """
        if self._has_lists:
            sql, bound = self._written_out(values)
        else:
            sql, bound = self._sql, [each(values) for each in self._bindings]
        try:
            # All rows at once: the driver releases the interpreter's lock at each call.
            rows = connection.execute(sql, bound).fetchall()
        except SqliteError as error:
            raise as_sqlalchemy_error(error, dialect, sql, bound) from error
        return [self._converted(row) for row in rows] if self._conversions else rows

    def _written_out(self, values: Values) -> tuple[str, list[Any]]:
        given = {name: each.given(values) for name, each in self._parameters.items()}
        expanded = self._clause.construct_expanded_state(given)
        return expanded.statement, [
            self._parameters[name].processed(value)
            if name in self._parameters
            else expanded.processors.get(name, _unchanged)(value)
            for name, value in ((name, expanded.parameters[name]) for name in expanded.positiontup)
        ]

    def _converted(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for place, convert in self._conversions:
            if values[place] is not None:
                values[place] = convert(values[place])
        return values


def _unchanged(value: object) -> object:
    return value


class _Parameter:
    """A parameter of a statement.

    Args:
        parameter: of SQLAlchemy.
        dialect: of the database.
        default: computes the value, if nothing else does.
    """

    def __init__(self, parameter: BindParameter[Any], dialect: Dialect, default: Any) -> None:  # noqa: ANN401 - one of SQLAlchemy's
        self._parameter = parameter
        self._default = default
        self._process = parameter.type.dialect_impl(dialect).bind_processor(dialect)

    def binding(self) -> Callable[[Values], Any]:
        """Return the function that finds the value which the driver is given."""
        if self._default is None and self._process is None and self._parameter.required:
            # Most parameters: what is given is what the driver takes.
            return itemgetter(self._parameter.key)
        return lambda values: self.processed(self.given(values))

    def given(self, values: Values) -> Any:  # noqa: ANN401 - any value
        """Return the parameter's value: of those that were given, or its own."""
        parameter = self._parameter
        if self._default is not None:
            return default_value(self._default)
        return values[parameter.key] if parameter.required else parameter.effective_value

    def processed(self, value: Any) -> Any:  # noqa: ANN401 - any value
        """Return a value in the form of the driver."""
        return value if self._process is None else self._process(value)


def default_value(default: Any) -> Any:  # noqa: ANN401 - one of SQLAlchemy's, any value
    """Compute a default of a column, or what its column changes to (`onupdate`)."""
    # SQLAlchemy wraps functions so that they take its context, which none of ours reads.
    return default.arg(None) if default.is_callable else default.arg
