"""One key of an order."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of an order.

    Args:
        name: a field of the schema.
        descending: largest first.
    """

    name: str
    descending: bool


Sorting = tuple[SortKey, ...]
