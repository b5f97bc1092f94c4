"""`GET /v1/uploads?filter…`."""

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from open_event_uploads.accounts.user import User
from open_event_uploads.context import db
from open_event_uploads.uploads.model import Upload
from tests.documents import COLLECTION, only_error, patch, upload
from tests.images import picture

OWNER = "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"


def found(client: FlaskClient, *sent: tuple[str, str]) -> str:
    """The file names without their extensions, in order."""
    response = client.get(f"{COLLECTION}?{urlencode([*sent, ('sort', 'filename')])}")
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json  # type: ignore[assignment]  # it has a body
    names = [each["attributes"]["filename"].rpartition(".")[0] for each in body["data"]]
    assert body["meta"]["count"] == len(names)
    return " ".join(names)


def by_json(client: FlaskClient, *terms: object) -> str:
    return found(client, ("filter", json.dumps(terms)))


def term(name: str, op: str, val: object) -> dict[str, Any]:
    return {"name": name, "op": op, "val": val}


@pytest.fixture
def three(client: FlaskClient) -> list[dict[str, Any]]:
    """a, b, c: each larger and newer than the one before; b has an owner."""
    with client.application.app_context():
        db.session.add(User(id=OWNER, name="Ada"))
        db.session.commit()
    made = [
        upload(client, picture("GIF", (9, 9)), filename="a.gif"),
        upload(client, picture("PNG", (90, 90)), filename="b.png"),
        upload(client, picture("JPEG", (300, 300)), filename="c.jpg"),
    ]
    with client.application.app_context():
        row = db.session.get(Upload, made[1]["id"])
        assert row is not None
        row.owner_id = OWNER
        db.session.commit()
    return [each["attributes"] for each in made]


# --- In brackets --------------------------------------------------------------------------------


def test_each_attribute(client: FlaskClient, three: list[dict[str, Any]]) -> None:
    second = three[1]
    for name in ("media-type", "filename", "checksum", "size", "created-at"):
        assert found(client, (f"filter[{name}]", str(second[name]))) == "b", name
    assert found(client, ("filter[owner]", OWNER)) == "b"
    assert found(client, ("filter[owner]", OWNER.upper())) == "b"
    assert found(client, ("filter[status]", "pending,ready")) == "a b c"
    assert found(client, ("filter[status]", "rejected")) == ""


@pytest.mark.parametrize("name", ["size", "created-at"])
@pytest.mark.parametrize(
    ("comparison", "expected"), [("gt", "c"), ("gte", "b c"), ("lt", "a"), ("lte", "a b")]
)
def test_ranges(
    client: FlaskClient, three: list[dict[str, Any]], name: str, comparison: str, expected: str
) -> None:
    assert found(client, (f"filter[{name}][{comparison}]", str(three[1][name]))) == expected


def test_a_range_in_another_time_zone(client: FlaskClient, three: list[dict[str, Any]]) -> None:
    utc = three[1]["created-at"].replace("Z", "+00:00")
    assert found(client, ("filter[created-at][gt]", utc)) == "c"
    assert found(client, ("filter[created-at][gt]", "1999-01-01T00:00:00-11:00")) == "a b c"


@pytest.mark.usefixtures("three")
def test_all_filters_must_hold(client: FlaskClient) -> None:
    small, gif = ("filter[size][lt]", "1000000"), term("media-type", "eq", "image/gif")
    assert found(client, small, ("filter", json.dumps([gif]))) == "a"
    assert found(client, ("filter[q]", "png"), ("filter", json.dumps([gif]))) == ""


# --- JSON ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([], "a b c"),
        ([term("media_type", "eq", "image/png")], "b"),
        ([term("media-type", "ne", "image/png")], "a c"),
        ([term("media_type", "in_", ["image/png", "image/gif"])], "a b"),
        ([term("media_type", "notin_", ["image/png", "image/gif"])], "c"),
        ([term("size", "in", [])], ""),
        ([term("size", "notin", [])], "a b c"),
        ([term("size", "gt", 0), term("created_at", "gt", "2026-01-01T00:00:00Z")], "a b c"),
        ([{"or": [term("filename", "eq", "a.gif"), term("q", "eq", "JPG")]}], "a c"),
        ([{"and": [{"not": term("filename", "eq", "a.gif")}]}], "b c"),
        ([{"not": {"or": [term("q", "eq", "a"), term("q", "eq", "b")]}}], "c"),
        ([term("filename", "ilike", "%.PNG")], "b"),
        ([term("filename", "like", "A%")], "a"),
        ([term("filename", "like", "%.%")], "a b c"),
        ([term("filename", "like", "B.png")], "b"),
        ([term("filename", "like", "_.png")], ""),
    ],
)
def test_json(client: FlaskClient, terms: list[object], expected: str) -> None:
    assert by_json(client, *terms) == expected


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    "other",
    [
        term("owner", "ne", OWNER),
        term("owner", "notin", [OWNER]),
        {"not": term("owner", "eq", OWNER)},
        {"not": {"and": [term("owner", "eq", OWNER), term("size", "gt", 0)]}},
    ],
)
def test_what_has_no_owner_has_another_one(client: FlaskClient, other: object) -> None:
    assert by_json(client, other) == "a c"
    assert by_json(client, {"not": other}) == "b"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("%0\\%%", ""),
        ("%0%%", "100%/_\\"),
        ("100%_", ""),
        ("%\\%", "100%/_\\"),
        ("%_%", "100%/_\\"),
        ("%0_", ""),
        ("1%g", ""),
        ("%", "100%/_\\ plain"),
    ],
)
def test_only_a_percent_sign_at_an_end_is_a_wildcard(
    app: Flask, client: FlaskClient, pattern: str, expected: str
) -> None:
    ids = [upload(client, picture(size=(n, 1)), filename="plain.png")["id"] for n in (1, 2)]
    with app.app_context():
        # Cleaning takes a slash out of a name that a client sends.
        row = db.session.get(Upload, ids[0])
        assert row is not None
        row.filename = "100%/_\\.png"
        db.session.commit()
    assert by_json(client, term("filename", "like", pattern)) == expected


# --- Words --------------------------------------------------------------------------------------


@pytest.fixture(params=["waiting", "indexed"])
def words(client: FlaskClient, request: pytest.FixtureRequest) -> FlaskClient:
    upload(client, picture(size=(1, 1)), filename="a.png", alt="The Main stage, 2nd day")
    upload(client, picture(size=(2, 1)), filename="b-stage_talk.png", alt="Größe des Saals")
    upload(client, picture(size=(3, 1)), filename="c.png", alt="AND OR NOT NEAR filename")
    upload(client, picture(size=(4, 1)), filename="d.png", alt="re\u0301sume\u0301 5m²plan ½cup")
    if request.param == "indexed":
        # SQLite indexes uploads in batches (test_words_in_batches.py).
        for number in range(12):
            upload(client, picture(size=(5, 1)), filename=f"0{number}.gif")
    return client


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stage", "a b-stage_talk"),
        ("STAGE png", "a b-stage_talk"),
        ("sta", "a b-stage_talk"),
        ("tage", ""),
        ("stage main", "a"),
        ("talk saal", "b-stage_talk"),
        ("talk.png", "b-stage_talk"),
        ("gröSSe", ""),
        ("GRÖß", "b-stage_talk"),
        ("gro\u0308", "b-stage_talk"),
        ("grosse", ""),
        ("résumé", "d"),
        ("re\u0301su", "d"),
        ("resume", ""),
        ("5m²plan", "d"),
        ("plan cup", "d"),
        ("2nd", "a"),
        ("2", "a"),
        ("and not", "c"),
        ("filename:c", "c"),
        ("NEAR(and or)", "c"),
        ('st* "main" -day ^the {a}', "a"),
        ("'main':* | \\ & ! <-> day", "a"),
        ("main'; DROP TABLE uploads", ""),
    ],
)
def test_words(words: FlaskClient, text: str, expected: str) -> None:
    assert found(words, ("filter[q]", text)) == expected
    assert by_json(words, term("q", "eq", text)) == expected


def test_words_follow_every_change(client: FlaskClient) -> None:
    id_ = upload(client, picture(), filename="old.png", alt="before")["id"]
    patch(client, id_, filename="new.png", alt="after")
    assert found(client, ("filter[q]", "old")) == found(client, ("filter[q]", "before")) == ""
    assert found(client, ("filter[q]", "new after")) == "new"
    client.delete(f"{COLLECTION}/{id_}")
    assert found(client, ("filter[q]", "new")) == ""


@pytest.mark.default_stack("reads the plan of SQLite")
@pytest.mark.parametrize("more", ["", "&sort=filename", "&filter[size][gte]=1", "&page[size]=1"])
def test_words_are_found_by_the_index(app: Flask, words: FlaskClient, more: str) -> None:
    plans: list[list[str]] = []

    def explain(_: object, cursor: Any, statement: str, parameters: Any, *__: object) -> None:  # noqa: ANN401 - the driver's
        if "MATCH" in statement:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append([row[-1] for row in cursor.fetchall()])

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", explain)
    assert words.get(f"{COLLECTION}?filter[q]=stage{more}").status_code == 200
    event.remove(engine, "before_cursor_execute", explain)
    assert len(plans) == 2  # the count and the page
    for steps in plans:
        assert any(each.startswith("SEARCH uploads USING") and "(id=?" in each for each in steps)
        assert any(each.startswith("SCAN upload_words VIRTUAL TABLE INDEX") for each in steps)
        assert not any(each.startswith(("SCAN uploads", "SCAN upload_numbers")) for each in steps)


# --- Refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("filter[size]=x", "filter[size]"),
        ("filter[size][gte]=", "filter[size][gte]"),
        ("filter[size][like]=1", "filter[size][like]"),
        ("filter[owner]=me", "filter[owner]"),
        ("filter[created-at][lt]=2026-11-23T10:00:00+01:00", "filter[created-at][lt]"),
        ("filter[media-type][gt]=a", "filter[media-type][gt]"),
        ("filter[q]=", "filter[q]"),
        ("filter[q]=%25", "filter[q]"),
        ("filter=", "filter"),
        ("filter={}", "filter"),
        ("filter=" + "[" * 5000, "filter"),
        ("filter=" + quote(json.dumps([term("key", "eq", "a")])), "filter"),
        ("filter=" + quote(json.dumps([term("filename", "eq", "\0")])), "filter"),
        ('filter=[{"name":"filename","op":"eq","val":"\\ud800"}]', "filter"),
    ],
)
def test_a_filter_that_is_refused(client: FlaskClient, query: str, parameter: str) -> None:
    response = client.get(f"{COLLECTION}?{query}")
    assert response.status_code == 400
    error = only_error(response)
    assert error["code"] == "invalid-parameter"
    assert error["source"] == {"parameter": parameter}


def test_a_bound_is_named(client: FlaskClient) -> None:
    terms = json.dumps([term("size", "gt", n) for n in range(21)])
    error = only_error(client.get(f"{COLLECTION}?filter={quote(terms)}"))
    assert (error["meta"]["limit"], error["meta"]["actual"]) == (20, 21)
