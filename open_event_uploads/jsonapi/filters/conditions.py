"""Conditions on resources, and their SQL.

Schemas name the columns, and every value of a client is bound.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from sqlalchemy import ColumnElement, and_, func, or_, true

Value = str | int | datetime
Comparison = Literal["gt", "ge", "lt", "le"]
Search = Callable[[Any, tuple[str, ...]], ColumnElement[bool]]


class Filter(Protocol):
    """One condition."""

    def clause(self, model: Any) -> ColumnElement[bool]:  # noqa: ANN401 - any mapped class
        """Return the condition in SQL; where that is NULL, it does not hold."""


@dataclass(frozen=True, slots=True)
class AnyOf:
    """A column has one of these values, none of which is None."""

    column: str
    values: tuple[Value, ...]

    def clause(self, model: Any) -> ColumnElement[bool]:  # noqa: ANN401 - any mapped class
        """Return the condition in SQL."""
        found: ColumnElement[bool] = getattr(model, self.column).in_(self.values)
        return found


@dataclass(frozen=True, slots=True)
class Compared:
    """A column lies on one side of a value; the comparison is named as in the module `operator`."""

    column: str
    comparison: Comparison
    value: Value

    def clause(self, model: Any) -> ColumnElement[bool]:  # noqa: ANN401 - any mapped class
        """Return the condition in SQL."""
        found: ColumnElement[bool] = getattr(operator, self.comparison)(
            getattr(model, self.column), self.value
        )
        return found


@dataclass(frozen=True, slots=True)
class Like:
    """A column holds a text, without regard to case; no index helps, so every row is read.

    A `%` at either end of the pattern matches any text; every other character itself.
    """

    column: str
    pattern: str

    def clause(self, model: Any) -> ColumnElement[bool]:  # noqa: ANN401 - any mapped class
        """Return the condition in SQL."""
        column = getattr(model, self.column)
        text = self.pattern.removeprefix("%")
        before, after = text != self.pattern, text.endswith("%")
        text = text.removesuffix("%")
        test = {
            (True, True): column.icontains,
            (True, False): column.iendswith,
            (False, True): column.istartswith,
        }.get((before, after))
        found: ColumnElement[bool] = (
            test(text, autoescape=True) if test else func.lower(column) == func.lower(text)
        )
        return found


@dataclass(frozen=True, slots=True)
class HasWords:
    """Each of these words begins a word of the resource."""

    words: tuple[str, ...]
    search: Search

    def clause(self, model: Any) -> ColumnElement[bool]:  # noqa: ANN401 - any mapped class
        """Return the condition in SQL."""
        return self.search(model, self.words)


@dataclass(frozen=True, slots=True)
class All:
    """Every one of these holds."""

    conditions: tuple[Filter, ...]

    def clause(self, model: Any) -> ColumnElement[bool]:  # noqa: ANN401 - any mapped class
        """Return the condition in SQL."""
        return and_(*(each.clause(model) for each in self.conditions))


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of these holds."""

    conditions: tuple[Filter, ...]

    def clause(self, model: Any) -> ColumnElement[bool]:  # noqa: ANN401 - any mapped class
        """Return the condition in SQL."""
        return or_(*(each.clause(model) for each in self.conditions))


@dataclass(frozen=True, slots=True)
class Not:
    """This does not hold."""

    condition: Filter

    def clause(self, model: Any) -> ColumnElement[bool]:  # noqa: ANN401 - any mapped class
        """Return the condition in SQL.

        SQL's NOT leaves NULL as it is, so a row without an owner would be missing both from the
        uploads of one owner and from those of everybody else.
        """
        return and_(self.condition.clause(model)).self_group().is_not(true())
