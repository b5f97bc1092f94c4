"""The kinds of attributes that clients may filter by, and how their values are read."""

import re
from dataclasses import dataclass
from typing import ClassVar

from open_event_uploads.database.types import ID_PATTERN
from open_event_uploads.errors import InvalidParameter
from open_event_uploads.jsonapi.fields import read_timestamp
from open_event_uploads.jsonapi.filters.conditions import Search, Value

_WHOLE_NUMBER = re.compile("-?[0-9]{1,19}")
_BITS = 64
_ID = re.compile(ID_PATTERN, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute that clients may filter by, and the name of its mapped column."""

    # Whether it may be compared by size; the order of texts differs between databases.
    ordered: ClassVar[bool] = False
    expected: ClassVar[str] = ""

    column: str

    def read(self, value: object, parameter: str) -> Value:
        """Read one value, decoded from JSON or as text, in the column's type.

        Raises:
            InvalidParameter: the attribute cannot have this value.
        """
        found = self.convert(value)
        if found is None:
            raise InvalidParameter(f"A value here is {self.expected}.", parameter=parameter)
        return found

    def convert(self, value: object) -> Value | None:
        """Return the value in the column's type, or None if it cannot have it."""
        raise NotImplementedError


class Text(Attribute):
    """Text; PostgreSQL takes no NUL, so neither engine is given one."""

    expected = "text without NUL characters"

    def convert(self, value: object) -> Value | None:
        """Return the text unchanged."""
        return value if isinstance(value, str) and "\0" not in value else None


class Searchable(Text):
    """Text that `like` may search."""


class Id(Attribute):
    """The id of a resource; PostgreSQL compares ids of its own type and takes nothing else."""

    expected = "an id (a UUID)"

    def convert(self, value: object) -> Value | None:
        """Return the id in lower case, as ids are stored."""
        return value.lower() if isinstance(value, str) and _ID.fullmatch(value) else None


class Integer(Attribute):
    """A whole number that fits a database's integer."""

    ordered = True
    expected = f"a whole number of at most {_BITS} bits"

    def convert(self, value: object) -> Value | None:
        """Read a number, or its digits."""
        if isinstance(value, str):
            value = int(value) if _WHOLE_NUMBER.fullmatch(value) else None
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        return value if -(2 ** (_BITS - 1)) <= value < 2 ** (_BITS - 1) else None


class Time(Attribute):
    """A point in time."""

    ordered = True
    expected = "a time like 2026-11-23T09:00:00Z (RFC 3339; `+` is written %2B in an address)"

    def convert(self, value: object) -> Value | None:
        """Read a time, in UTC."""
        return read_timestamp(value)


@dataclass(frozen=True, slots=True)
class Words:
    """A search for words; not an attribute."""

    search: Search
