"""The `filter` family, read."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from open_event_uploads.errors import InvalidParameter
from open_event_uploads.jsonapi.filters import Filter, read_filters
from open_event_uploads.jsonapi.filters.conditions import (
    All,
    AnyOf,
    Compared,
    Either,
    HasWords,
    Like,
    Not,
)
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.schema import UploadSchema
from open_event_uploads.uploads.word_search import HasAllWords
from tests.examples import examples

OWNER = "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"
DIALECTS = (SQLiteDialect_pysqlite(), PGDialect_psycopg())  # type: ignore[no-untyped-call]  # SQLAlchemy's

names = st.sampled_from(
    ["size", "media-type", "media_type", "filename", "created_at", "owner", "q", "key", "__class__"]
)
operators = st.sampled_from(
    ["eq", "ne", "in", "in_", "notin", "notin_", "gt", "ge", "lt", "le", "like", "ilike", "any"]
)
times = st.datetimes().map(lambda time: time.isoformat() + "Z")
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | times
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
terms = st.recursive(
    st.fixed_dictionaries({"name": names, "op": operators, "val": values}),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"and": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"or": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=25,
)


def read(*sent: tuple[str, str]) -> tuple[Filter, ...]:
    """Read `size[gte]` and the like; an empty name is the whole family."""
    family = {tuple(filter(None, name.replace("]", "").split("["))): value for name, value in sent}
    return read_filters(family, UploadSchema.filterable)


def read_json(document: object) -> tuple[Filter, ...]:
    return read(("", document if isinstance(document, str) else json.dumps(document)))


def words(*each: str) -> HasWords:
    return HasWords(each, HasAllWords)


def term(name: object = "size", op: object = "eq", val: object = 1) -> dict[str, Any]:
    return {"name": name, "op": op, "val": val}


@settings(max_examples=examples(500))
@given(st.one_of(values, st.lists(terms, max_size=4)), st.booleans())
def test_any_json_is_read_or_refused(document: object, ascii_only: bool) -> None:  # noqa: FBT001 - hypothesis's
    with suppress(InvalidParameter):
        found = read_json(json.dumps(document, ensure_ascii=ascii_only))
        for dialect in DIALECTS:
            query = select(Upload.id).where(*(each.clause(Upload) for each in found))
            query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})


@given(name=names, comparison=operators, text=st.text() | times | st.integers().map(str))
def test_any_text_is_read_or_refused(name: str, comparison: str, text: str) -> None:
    for parameter in (name, f"{name}[{comparison}]", ""):
        with suppress(InvalidParameter):
            read((parameter, text))


@pytest.mark.parametrize(
    ("name", "value", "condition"),
    [
        ("status", "ready", AnyOf("status", ("ready",))),
        ("size", "7,-1,7,07", AnyOf("size", (7, -1))),
        ("size[gt]", "9223372036854775807", Compared("size", "gt", 2**63 - 1)),
        ("size[lte]", "-9223372036854775808", Compared("size", "le", -(2**63))),
        (
            "created-at[gte]",
            "2026-11-23T10:00:00.5+01:30",
            Compared("created_at", "ge", datetime(2026, 11, 23, 8, 30, 0, 500_000, UTC)),
        ),
        (
            "created-at",
            "2026-11-23t10:00:00z",
            AnyOf("created_at", (datetime(2026, 11, 23, 10, tzinfo=UTC),)),
        ),
        ("owner", OWNER.upper(), AnyOf("owner_id", (OWNER,))),
        ("q", "Talk_2.png, talk", words("Talk", "2", "png", "talk")),
        ("q", "e\u0301t हिन्दी m²", words("\xe9t", "हिन्दी", "m")),
    ],
)
def test_brackets(name: str, value: str, condition: Filter) -> None:
    assert read((name, value)) == (condition,)


@pytest.mark.parametrize(
    ("document", "condition"),
    [
        (term("media_type", "eq", "a,b"), AnyOf("media_type", ("a,b",))),
        (term("media-type", "ne", "a"), Not(AnyOf("media_type", ("a",)))),
        (term("size", "in_", [1, "2", 1]), AnyOf("size", (1, 2))),
        (term("size", "in", []), AnyOf("size", ())),
        (term("size", "notin", [1]), Not(AnyOf("size", (1,)))),
        (term("size", "notin_", [1]), Not(AnyOf("size", (1,)))),
        (term("size", "ge", 1), Compared("size", "ge", 1)),
        (term("filename", "ilike", "%a"), Like("filename", "%a")),
        (term("q", "eq", "a b"), words("a", "b")),
        ({"not": term()}, Not(AnyOf("size", (1,)))),
        (
            {"or": [term(), {"and": [{"not": term()}]}]},
            Either((AnyOf("size", (1,)), All((Not(AnyOf("size", (1,))),)))),
        ),
    ],
)
def test_json(document: object, condition: Filter) -> None:
    assert read_json([document]) == (condition,)


def test_json_and_brackets_together() -> None:
    assert read(("size", "1"), ("", "[]"), ("q", "a")) == (AnyOf("size", (1,)), words("a"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("alt", "a"),
        ("media_type", "a"),
        ("q[gte]", "a"),
        ("size[eq]", "1"),
        ("size[ge]", "1"),
        ("size[gte][gte]", "1"),
        ("size[gte]", "1,2"),
        ("filename[gt]", "a"),
        ("owner[gt]", OWNER),
        ("owner", "me"),
        ("owner", OWNER.replace("-", "")),
        ("size", "1,"),
        *(("size", text) for text in ("", "a", "1.0", "1e3", "+1", " 1", "\uff11", "\u0663")),
        *(("size", text) for text in (str(2**63), str(-(2**63) - 1), "9" * 5000)),
        *(("q", text) for text in ("", " ", "%", '"*', "'", "½", "\u0301", "a" * 201)),
        ("q", "a b c d e f g h i j k"),
        *(
            ("created-at", text)
            for text in (
                "2026-11-23",
                "2026-11-23T10:00:00",
                "2026-11-23 10:00:00Z",
                "2026-11-23T10:00:00 01:00",
                "2026-11-23T24:00:00Z",
                "2026-11-23T10:00:60Z",
                "2026-02-30T10:00:00Z",
                "2026-11-23T10:00:00+25:00",
                "2026-11-23T10:00:00.1234567Z",
                "0000-01-01T00:00:00Z",
                "0001-01-01T00:00:00+01:00",
                "9999-12-31T23:59:59-01:00",
                "\u0662026-11-23T10:00:00Z",
            )
        ),
    ],
)
def test_what_brackets_refuse(name: str, value: str) -> None:
    with pytest.raises(InvalidParameter) as refusal:
        read((name, value))
    head, *members = name.replace("]", "").split("[")
    assert refusal.value.parameter == f"filter[{head}]" + "".join(f"[{each}]" for each in members)


@pytest.mark.parametrize(
    "document",
    [
        "",
        "x",
        "[",
        "[NaN]",
        '"\\ud800"',
        "[" * 100_000,
        "[" * 500 + "]" * 500,
        '{"not":' * 30 + "1" + "}" * 30,
        '[{"not":' * 5_000,
        {},
        None,
        1,
        [1],
        [None],
        [[]],
        [{}],
        [{"and": [], "or": []}],
        [{"and": []}],
        [{"or": {}}],
        [{"not": [term()]}],
        [{"not": {}}],
        [{"name": "size", "op": "eq"}],
        [{"name": "size", "op": "eq", "field": "size"}],
        [{**term(), "field": "size"}],
        [term(op="has")],
        [term(op="__class__")],
        [term(op=["eq"])],
        [term(name=["size"])],
        [term(name="key")],
        [term(name="owner_id")],
        [term(name="size__x")],
        [term(val=None)],
        [term(val=True)],
        [term(val=1.0)],
        [term(val=2**63)],
        [term(val=10**30)],
        [term(val=[1])],
        [term(val={})],
        [term(op="in_", val=1)],
        [term(op="in_", val="1")],
        [term(op="in_", val=[None])],
        [term(op="like", val="1")],
        [term("filename", "gt", "a")],
        [term("filename", "eq", 1)],
        [term("filename", "eq", "a\0")],
        [term("filename", "like", "a" * 201)],
        [term("media-type", "like", "a")],
        [term("created-at", "gt", 0)],
        [term("q", "like", "a")],
        [term("q", "eq", 1)],
        [term("q", "eq", "%")],
    ],
    ids=lambda document: str(document)[:40],
)
def test_what_json_refuses(document: object) -> None:
    with pytest.raises(InvalidParameter) as refusal:
        read_json(document)
    assert refusal.value.parameter == "filter"
    assert refusal.value.status == 400


def test_the_bounds() -> None:
    many = [("", json.dumps([term()] * 18)), ("size", "1"), ("q", "a")]
    assert len(read(*many)) == 20
    with pytest.raises(InvalidParameter) as refusal:
        read(*many, ("status", "ready"))
    assert (refusal.value.limit, refusal.value.actual) == (20, 21)
    with pytest.raises(InvalidParameter) as refusal:
        read_json([{"or": [term()] * 21}])
    assert (refusal.value.limit, refusal.value.actual) == (20, 21)
    assert read_json([term(op="in", val=[*range(100)])])
    with pytest.raises(InvalidParameter) as refusal:
        read_json([term(op="in", val=[*range(101)])])
    assert (refusal.value.limit, refusal.value.actual) == (100, 101)
    with pytest.raises(InvalidParameter) as refusal:
        read(("size", ",".join(map(str, range(101)))))
    assert (refusal.value.limit, refusal.value.actual) == (100, 101)


def test_the_depth() -> None:
    assert read_json([{"and": [{"or": [{"not": term()}]}]}])
    with pytest.raises(InvalidParameter) as refusal:
        read_json([{"and": [{"or": [{"not": {"not": term()}}]}]}])
    assert refusal.value.limit == 3
