"""Cursors: signed positions in an ordered collection (the Cursor Pagination profile).

A cursor holds the values that an item sorts by, so the next page is found by an index and its
cost does not grow with its depth. One that was not made here, or for another order, is refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import ColumnElement, and_, literal, or_, tuple_

from open_event_uploads.current import current_application
from open_event_uploads.errors import InvalidParameter
from open_event_uploads.jsonapi.sort_key import Sorting

_MAX_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in a collection.

    Args:
        values: of the item there, in the order of the sort keys; its id last.
    """

    values: tuple[Any, ...]

    def beyond(self, columns: Sequence[tuple[Any, bool]]) -> ColumnElement[bool]:
        """Return the condition that an item comes after this position.

        Each column comes with whether it descends.
        """
        bounds = [
            literal(value, each.type) for (each, _), value in zip(columns, self.values, strict=True)
        ]
        directions = {down for _, down in columns}
        if len(directions) == 1:
            # One comparison of rows, which an index on these columns answers by itself.
            row, bound = tuple_(*(each for each, _ in columns)), tuple_(*bounds)
            return row < bound if directions.pop() else row > bound
        # The first part follows from the second, but lets an index find the position.
        first, descends = columns[0]
        return and_(
            first <= bounds[0] if descends else first >= bounds[0],
            or_(*self._each_key_decides(columns, bounds)),
        )

    def _each_key_decides(
        self, columns: Sequence[tuple[Any, bool]], bounds: Sequence[Any]
    ) -> list[ColumnElement[bool]]:
        # Equal up to one key, which then lies beyond.
        found = []
        for n, ((column, down), bound) in enumerate(zip(columns, bounds, strict=True)):
            equal = [
                each == value for (each, _), value in zip(columns[:n], bounds[:n], strict=True)
            ]
            found.append(and_(*equal, column < bound if down else column > bound))
        return found


def encode_cursor(item: object, sorting: Sorting) -> str:
    """Return the cursor of an item in a collection of this order."""
    values = [_plain(getattr(item, each.name)) for each in sorting]
    return _signed(sorting, [*values, item.id])  # type: ignore[attr-defined]  # every resource has one


def item_cursors(items: Sequence[Any], sorting: Sorting) -> list[str]:
    """Return the cursor of each item."""
    return [encode_cursor(each, sorting) for each in items]


def id_cursors(ids: Iterable[str]) -> list[str]:
    """Return the cursor of each id, in a collection that is ordered by the ids alone."""
    return [_signed((), [each]) for each in ids]


def decode_cursor(text: str, sorting: Sorting, parameter: str) -> Cursor:
    """Read the cursor in a parameter.

    Raises:
        InvalidParameter: it was not made here, or for a collection of another order.
    """
    try:
        order, *values = _signer().loads(text[:_MAX_CHARACTERS])
    except BadData:
        raise InvalidParameter("This is not a cursor of ours.", parameter=parameter) from None
    if order != _order(sorting):
        raise InvalidParameter(
            "This cursor belongs to a collection in another order.", parameter=parameter
        )
    return Cursor(tuple(_restored(each) for each in values))


def _signed(sorting: Sorting, values: Sequence[object]) -> str:
    return str(_signer().dumps([_order(sorting), *values]))


def _signer() -> URLSafeSerializer:
    # The last key signs (itsdangerous, "Key Rotation").
    config = current_application().config
    keys = [*reversed(config["SECRET_KEY_FALLBACKS"]), config["SECRET_KEY"]]
    return URLSafeSerializer(keys, salt="cursor")


def _order(sorting: Sorting) -> str:
    return ",".join(f"{'-' if each.descending else ''}{each.name}" for each in sorting)


def _plain(value: object) -> object:
    return {"time": value.isoformat()} if isinstance(value, datetime) else value


def _restored(value: Any) -> object:  # noqa: ANN401 - JSON
    return datetime.fromisoformat(value["time"]) if isinstance(value, dict) else value
