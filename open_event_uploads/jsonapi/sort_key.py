"""One key of an order."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of an order: a field of the schema, and its direction."""

    name: str
    descending: bool


Sorting = tuple[SortKey, ...]
