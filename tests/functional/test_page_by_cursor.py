"""The Cursor Pagination profile."""

import re
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from open_event_uploads.context import db
from tests.conftest import AppFactory
from tests.documents import COLLECTION, JSON_API, only_error, path_of, upload
from tests.images import picture

PROFILE = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/"
ACCEPT = {"Accept": f'{JSON_API};profile="{PROFILE}"'}


@pytest.fixture
def seven(client: FlaskClient) -> list[str]:
    """File names, two of which are alike, in the order they were uploaded."""
    names = ["c.png", "a.png", "b.png", "a.png", "e.png", "d.png", "f.png"]
    for n, name in enumerate(names):
        upload(client, picture(size=(n + 1, 1)), filename=name)
    return names


def page(client: FlaskClient, address: str) -> dict[str, Any]:
    response = client.get(path_of(address), headers=ACCEPT)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json  # type: ignore[assignment]  # it has a body
    assert response.content_type == f'{JSON_API};profile="{PROFILE}"'
    assert body["jsonapi"] == {"version": "1.1", "profile": [PROFILE]}
    return body


def names(body: dict[str, Any]) -> list[str]:
    return [each["attributes"]["filename"] for each in body["data"]]


def cursors(body: dict[str, Any]) -> list[str]:
    return [quote(each["meta"]["page"]["cursor"]) for each in body["data"]]


@pytest.mark.parametrize("sort", ["filename", "-filename", "created-at", "size", "filename,-size"])
def test_the_links_walk_the_whole_collection_both_ways(
    client: FlaskClient, seven: list[str], sort: str
) -> None:
    expected = names(client.get(f"{COLLECTION}?sort={sort}").json)  # type: ignore[arg-type]  # it has a body
    body = page(client, f"{COLLECTION}?sort={sort}&page[size]=3")
    assert body["links"]["prev"] is None
    forwards = names(body)
    while body["links"]["next"]:
        body = page(client, body["links"]["next"])
        forwards += names(body)
    assert forwards == expected
    assert len(forwards) == len(seven)
    backwards = names(body)
    while body["links"]["prev"]:
        body = page(client, body["links"]["prev"])
        backwards = names(body) + backwards
    assert backwards == expected


def test_a_cursor_alone_is_enough(client: FlaskClient, seven: list[str]) -> None:
    first = page(client, f"{COLLECTION}?sort=filename&page[size]=2")
    response = client.get(f"{COLLECTION}?sort=filename&page[after]={cursors(first)[1]}")
    assert names(response.json) == sorted(seven)[2:]  # type: ignore[arg-type]  # it has a body
    assert PROFILE in response.content_type


def test_a_page_stays_where_it_is_when_others_come_and_go(
    client: FlaskClient, seven: list[str]
) -> None:
    first = page(client, f"{COLLECTION}?sort=filename&page[size]=3")
    client.delete(f"{COLLECTION}/{first['data'][2]['id']}")
    upload(client, picture(), filename="0.png")
    assert names(page(client, first["links"]["next"])) == sorted(seven)[3:6]


def test_a_range_between_two_cursors(client: FlaskClient, seven: list[str]) -> None:
    found = cursors(page(client, f"{COLLECTION}?sort=filename"))
    between = f"{COLLECTION}?sort=filename&page[after]={found[1]}&page[before]={found[5]}"
    body = page(client, between)
    assert names(body) == sorted(seven)[2:5]
    assert "meta" not in body
    cut = page(client, f"{between}&page[size]=2")
    assert names(cut) == sorted(seven)[2:4]
    assert cut["meta"] == {"page": {"rangeTruncated": True}}


@pytest.mark.usefixtures("seven")
def test_beyond_either_end_there_is_nothing(client: FlaskClient) -> None:
    found = cursors(page(client, f"{COLLECTION}?sort=filename"))
    for member, cursor in (("after", found[-1]), ("before", found[0])):
        body = page(client, f"{COLLECTION}?sort=filename&page[{member}]={cursor}")
        assert body["data"] == []
        assert body["links"]["prev"] is body["links"]["next"] is None


@pytest.mark.usefixtures("seven")
def test_the_profile_is_known_by_either_scheme(client: FlaskClient) -> None:
    accept = f'{JSON_API};profile="http://example.org/x {PROFILE.replace("https", "http")}"'
    response = client.get(COLLECTION, headers={"Accept": accept})
    assert response.content_type == f'{JSON_API};profile="{PROFILE}"'


# --- Refused ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize("member", ["after", "before"])
def test_a_cursor_that_was_not_made_here_or_for_another_order(
    client: FlaskClient, member: str
) -> None:
    genuine = cursors(page(client, f"{COLLECTION}?sort=filename"))[0]
    for query in (
        f"sort=filename&page[{member}]=",
        f"sort=filename&page[{member}]=abc",
        f"sort=filename&page[{member}]={genuine[:-1]}",
        f"sort=filename&page[{member}]={'A' * 5000}",
        f"sort=-filename&page[{member}]={genuine}",
        f"page[{member}]={genuine}",
    ):
        error = only_error(client.get(f"{COLLECTION}?{query}", headers=ACCEPT))
        assert error["status"] == "400"
        assert error["source"] == {"parameter": f"page[{member}]"}


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize("size", ["0", "-1", "x", "", "1.5", "1e3", "00", "+1", " 1", "%D9%A1"])
def test_a_size_that_is_none(client: FlaskClient, size: str) -> None:
    error = only_error(client.get(f"{COLLECTION}?page[size]={size}", headers=ACCEPT))
    assert (error["status"], error["source"]) == ("400", {"parameter": "page[size]"})


@pytest.mark.parametrize("size", ["101", "0101", "9" * 30, "9" * 5000])
def test_a_size_over_the_maximum_is_the_profiles_own_error(client: FlaskClient, size: str) -> None:
    response = client.get(f"{COLLECTION}?page[size]={size}", headers=ACCEPT)
    error = only_error(response)
    assert response.content_type == f'{JSON_API};profile="{PROFILE}"'
    assert error["links"] == {"type": f"{PROFILE}max-size-exceeded"}
    assert error["meta"]["page"] == {"maxSize": 100}
    assert error["source"] == {"parameter": "page[size]"}


@pytest.mark.usefixtures("seven")
def test_numbers_and_cursors_do_not_mix(client: FlaskClient) -> None:
    cursor = cursors(page(client, COLLECTION))[0]
    error = only_error(client.get(f"{COLLECTION}?page[number]=2&page[after]={cursor}"))
    assert error["source"] == {"parameter": "page[number]"}


# --- Cost and keys ----------------------------------------------------------------------------


@pytest.mark.default_stack("reads the plan of SQLite")
@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize(
    ("sort", "sorts"),
    [
        ("created-at", 0),
        ("-created-at", 0),
        ("size", 0),
        ("-filename", 0),
        ("size,filename", 1),
        ("-size,filename", 1),
    ],
)
def test_a_page_is_found_by_an_index_and_not_by_sorting_or_skipping(
    app: Flask, client: FlaskClient, sort: str, sorts: int
) -> None:
    found = cursors(page(client, f"{COLLECTION}?sort={sort}"))
    statements: list[tuple[str, Any]] = []
    with app.app_context():
        event.listen(
            db.engine,
            "before_cursor_execute",
            lambda _c, _cur, statement, parameters, _ctx, _many: statements.append(
                (statement, parameters)
            ),
        )
        client.get(f"{COLLECTION}?sort={sort}&page[size]=2&page[after]={found[3]}")
        (query,) = [each for each in statements if "FROM uploads" in each[0]]
        with db.engine.connect() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query[0]}", query[1]).all()
    found_by, *rest = [row[3] for row in plan]
    assert "SEARCH uploads USING INDEX" in found_by
    # What is equal by the first key is a few rows, which may be sorted.
    assert len(rest) == sorts
    assert all(re.match("USE TEMP B-TREE FOR (LAST|RIGHT)", step) for step in rest)


def test_an_older_secret_key_still_reads_its_cursors(make_app: AppFactory) -> None:
    old, new = "o" * 40, "n" * 40
    first = make_app(secret_key=[old]).test_client()
    for n in (1, 2):
        upload(first, picture(size=(n, n)))
    cursor = cursors(page(first, COLLECTION))[0]
    address = f"{COLLECTION}?page[after]={cursor}"
    assert len(page(make_app(secret_key=[new, old]).test_client(), address)["data"]) == 1
    assert make_app(secret_key=[new]).test_client().get(address).status_code == 400


def test_the_next_link_keeps_every_other_parameter(client: FlaskClient, seven: list[str]) -> None:
    assert seven
    query = "sort=filename&fields[uploads]=filename&filter[media-type]=image/png&include=owner"
    body = page(client, f"{COLLECTION}?{query}&page[size]=2")
    sent = parse_qs(urlsplit(body["links"]["next"]).query)
    assert sent.keys() == {
        "sort",
        "fields[uploads]",
        "filter[media-type]",
        "include",
        "page[size]",
        "page[after]",
    }
