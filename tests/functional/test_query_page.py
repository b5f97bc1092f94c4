"""docs/reference/query.md names every filter with its operators, every sort and every include.

What is allowed is tried out, with all names and operators that the page or the program knows.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from open_event_uploads.errors import InvalidParameter
from open_event_uploads.jsonapi.api import schemas_by_type
from open_event_uploads.jsonapi.fieldsets import read_sorting
from open_event_uploads.jsonapi.filters import read_filters
from open_event_uploads.jsonapi.include import read_include
from open_event_uploads.jsonapi.parameters import Family
from open_event_uploads.jsonapi.schema import Schema
from tests.documents import only_error

pytestmark = pytest.mark.default_stack("the page is the same")

PAGE = (Path(__file__).parents[2] / "docs/reference/query.md").read_text("utf-8")
# The operators of the library whose language it is, and of ours.
TRIED = set(
    re.findall(
        r"\w+",
        "any between endswith eq ge gt gte has ilike in in_ is_ isnot le like lt lte match ne "
        "notilike notin notin_ notlike startswith",
    )
)
VALUES = ("1", "2026-11-23T09:00:00Z", "6f1c1c0e-7d5b-4d53-9a37-0c8b1a4f3f10")


def table_after(heading: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the first table below a heading."""
    lines = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0].splitlines()
    rows = [line.strip("|").split("|") for line in lines if line.startswith("|")]
    yield from ([cell.strip() for cell in row] for row in rows[2:])


def words(cell: str) -> list[str]:
    return re.findall(r"`([a-z_-]+)`", cell)


BY_TYPE = {
    words(kind)[0]: list(map(words, cells)) for kind, *cells in table_after("What each type allows")
}
OPERATORS = {
    operator: cell for operators, _, cell in table_after("JSON") for operator in words(operators)
}
(COMPARISONS,) = (
    words(keeps)[:] for filter_, keeps in table_after("Filters") if "[gte]" in filter_
)


def filters_on_the_page(type_: str) -> set[str]:
    """Return every filter of a type, as `name`, `name[operator]` or `name op`."""
    by_value, by_order, by_like, by_words, *_ = BY_TYPE[type_]
    found = {*by_value, *by_words}
    found |= {f"{name}[{comparison}]" for name in by_order for comparison in COMPARISONS}
    columns = {
        "by value": by_value,
        "by order": by_order,
        "by `like`": by_like,
        "by words": by_words,
    }
    for operator, cell in OPERATORS.items():
        for column in cell.split(", "):
            found |= {f"{name} {operator}" for name in columns[column]}
    return found


def is_allowed(read: Callable[..., object], *arguments: object) -> bool:
    try:
        read(*arguments)
    except InvalidParameter:
        return False
    return True


def any_filter_is_allowed(schema: type[Schema], families: Iterable[Family]) -> bool:
    return any(is_allowed(read_filters, each, schema.filterable) for each in families)


def in_json(name: str, operator: str) -> Iterator[Family]:
    for value in VALUES:
        for sent in (value, [value]):
            yield {(): json.dumps([{"name": name, "op": operator, "val": sent}])}


def words_of_refusal(family: Family, schema: type[Schema]) -> set[str]:
    """Return the words in a refusal, among which are the operators that there are."""
    with pytest.raises(InvalidParameter) as refusal:
        read_filters(family, schema.filterable)
    return set(re.findall(r"\w+", str(refusal.value.detail)))


def allowed_filters(schema: type[Schema], names: set[str]) -> set[str]:
    """Return every filter that the program accepts, named as `filters_on_the_page` does."""
    found = set()
    for name in names:
        if any_filter_is_allowed(schema, ({(name,): value} for value in VALUES)):
            found.add(name)
        for each in TRIED | words_of_refusal({(name, "nothing"): "1"}, schema):
            if any_filter_is_allowed(schema, ({(name, each): value} for value in VALUES)):
                found.add(f"{name}[{each}]")
        for each in TRIED | words_of_refusal(next(in_json(name, "nothing")), schema):
            if any_filter_is_allowed(schema, in_json(name, each)):
                found.add(f"{name} {each}")
    return found


@pytest.fixture
def schemas(app: Flask) -> dict[str, type[Schema]]:
    return schemas_by_type(app)


def test_the_page_has_a_row_for_each_type(schemas: dict[str, type[Schema]]) -> None:
    assert BY_TYPE.keys() == schemas.keys()


@pytest.mark.parametrize("type_", BY_TYPE)
def test_the_page_names_what_is_allowed(schemas: dict[str, type[Schema]], type_: str) -> None:
    schema = schemas[type_]
    on_page = filters_on_the_page(type_)
    *_, sorts, includes = BY_TYPE[type_]
    names = {
        *(name for row in BY_TYPE.values() for cell in row for name in cell),
        *(name for each in schemas.values() for name in (*each.filterable, *each.sortable)),
        *(name for each in schemas.values() for name in each.public_names()),
        "id",
    }
    assert allowed_filters(schema, names) == on_page
    allowed_sorts = {
        each for each in names if is_allowed(read_sorting, {(): each}, schema, InvalidParameter)
    }
    assert allowed_sorts == set(sorts)
    allowed_includes = {
        each for each in names if is_allowed(read_include, {(): each}, schema, schemas)
    }
    assert allowed_includes == set(includes)


@pytest.mark.parametrize("type_", BY_TYPE)
def test_a_type_without_a_list_has_neither_filters_nor_sorts(
    client: FlaskClient, type_: str
) -> None:
    response = client.get(f"/v1/{type_}?sort=nothing")
    *filters_and_sorts, _ = BY_TYPE[type_]
    if any(filters_and_sorts):
        assert only_error(response)["source"] == {"parameter": "sort"}
    else:
        assert response.status_code == 404
