"""`filter=[{"name": …, "op": …, "val": …}]`, the language of flask-rest-jsonapi ("Filtering").

Open Event's frontend sends it. Three features are missing because they would reach beyond the
whitelist: other columns as values (`field`), relationships (`has`, `any`), and any operator.
"""

from collections.abc import Mapping
from typing import Any

from open_event_uploads.errors import InvalidAttribute, InvalidJson, InvalidParameter
from open_event_uploads.jsonapi.fields import dasherize
from open_event_uploads.jsonapi.filters.attributes import Attribute, Searchable, Words
from open_event_uploads.jsonapi.filters.conditions import (
    All,
    AnyOf,
    Compared,
    Comparison,
    Either,
    Filter,
    HasWords,
    Like,
    Not,
)
from open_event_uploads.jsonapi.filters.words import read_words
from open_event_uploads.jsonapi.json_text import decode

MAX_VALUES = 100
_MAX_DEPTH = 3
_MAX_PATTERN_CHARACTERS = 200

_PARAMETER = "filter"
_MEMBERS = {"name", "op", "val"}
_COMPARISONS: Mapping[str, Comparison] = {"gt": "gt", "ge": "ge", "lt": "lt", "le": "le"}
_ONE = {"eq", "ne"}
_LIST = {"in", "in_", "notin", "notin_"}
_LIKE = {"like", "ilike"}
_NEGATIVE = {"ne", "notin", "notin_"}


class JsonReader:
    """Read conditions on the attributes that may be filtered by, and count them."""

    def __init__(self, filterable: Mapping[str, Attribute | Words]) -> None:
        self.conditions = 0
        self._filterable = filterable

    def read(self, text: str) -> list[Filter]:
        """Return the conditions of a whole parameter, all of which must hold.

        Raises:
            InvalidParameter: the JSON is invalid, or a limit is exceeded.
        """
        try:
            nodes = decode(text.encode())
        except (InvalidJson, InvalidAttribute):
            raise _refusal("This is not JSON in Unicode, or nests without end.") from None
        return self._read_many(nodes, _MAX_DEPTH)

    def _read_many(self, nodes: object, depth: int) -> list[Filter]:
        if not isinstance(nodes, list):
            raise _refusal("Conditions stand in an array.")
        return [self._read_node(each, depth) for each in nodes]

    def _read_node(self, node: object, depth: int) -> Filter:
        if not isinstance(node, dict):
            raise _refusal("A condition is an object.")
        if node.keys() == _MEMBERS:
            self.conditions += 1
            return self._read_condition(node["name"], node["op"], node["val"])
        if len(node) != 1 or not node.keys() <= {"and", "or", "not"}:
            raise _refusal(
                "A condition has either `name`, `op` and `val`, or one of `and`, `or`, `not`."
            )
        if depth == 0:
            raise _refusal(
                f"`and`, `or` and `not` nest at most {_MAX_DEPTH} deep.", limit=_MAX_DEPTH
            )
        ((connective, inner),) = node.items()
        if connective == "not":
            return Not(self._read_node(inner, depth - 1))
        conditions = tuple(self._read_many(inner, depth - 1))
        if not conditions:
            raise _refusal(f"`{connective}` needs a condition.")
        return All(conditions) if connective == "and" else Either(conditions)

    def _read_condition(self, name: object, operator: object, value: object) -> Filter:
        attribute = self._filterable.get(dasherize(name)) if isinstance(name, str) else None
        if attribute is None:
            raise _refusal(f"A condition's `name` is one of {', '.join(sorted(self._filterable))}.")
        if not isinstance(operator, str):
            raise _refusal("A condition's `op` is text.")
        if isinstance(attribute, Words):
            if operator != "eq":
                raise _refusal(f"The only `op` of `{name}` is `eq`.")
            return HasWords(read_words(value, _PARAMETER), attribute.search)
        return _read_operation(attribute, operator, value)


def _read_operation(attribute: Attribute, operator: str, value: object) -> Filter:
    if operator in _ONE | _LIST:
        values = _values(value) if operator in _LIST else [value]
        read = dict.fromkeys(attribute.read(each, _PARAMETER) for each in values)
        condition = AnyOf(attribute.column, tuple(read))
        return Not(condition) if operator in _NEGATIVE else condition
    if attribute.ordered and operator in _COMPARISONS:
        bound = attribute.read(value, _PARAMETER)
        return Compared(attribute.column, _COMPARISONS[operator], bound)
    if isinstance(attribute, Searchable) and operator in _LIKE:
        return Like(attribute.column, _pattern(attribute, value))
    known = _ONE | _LIST
    known |= _COMPARISONS.keys() if attribute.ordered else set()
    known |= _LIKE if isinstance(attribute, Searchable) else set()
    raise _refusal(f"The `op` here is one of {', '.join(sorted(known))}.")


def _values(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise _refusal("This `op` takes an array.")
    detail = f"An array holds {MAX_VALUES} values."
    InvalidParameter.raise_beyond(MAX_VALUES, len(value), detail, parameter=_PARAMETER)
    return value


def _pattern(attribute: Attribute, value: object) -> str:
    # SQLite fails on a pattern of more than 50,000 bytes (SQLITE_MAX_LIKE_PATTERN_LENGTH).
    pattern = str(attribute.read(value, _PARAMETER))
    detail = f"A pattern has at most {_MAX_PATTERN_CHARACTERS} characters."
    InvalidParameter.raise_beyond(
        _MAX_PATTERN_CHARACTERS, len(pattern), detail, parameter=_PARAMETER
    )
    return pattern


def _refusal(detail: str, *, limit: int | None = None) -> InvalidParameter:
    return InvalidParameter(detail, parameter=_PARAMETER, limit=limit)
