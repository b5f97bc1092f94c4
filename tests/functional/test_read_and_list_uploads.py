"""`GET /v1/uploads` and `GET /v1/uploads/{id}`."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts import account, bearer
from tests.conftest import AppFactory, Stranger
from tests.documents import (
    COLLECTION,
    JSON_API,
    data_uri,
    document,
    only_error,
    path_of,
    upload,
)
from tests.images import picture

TYPED = {"Content-Type": JSON_API}
UNKNOWN = "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"


def listing(client: FlaskClient, query: str = "") -> dict[str, Any]:
    response = client.get(COLLECTION + query)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json  # type: ignore[assignment]  # it has a body
    return body


def names(body: dict[str, Any]) -> list[str]:
    return [each["attributes"]["filename"] for each in body["data"]]


@pytest.fixture
def five(client: FlaskClient) -> list[dict[str, Any]]:
    return [upload(client, picture(size=(n, n)), filename=f"{n}.png") for n in (3, 1, 5, 2, 4)]


def test_one_upload_reads_as_it_was_created(client: FlaskClient) -> None:
    created = upload(client, picture())
    response = client.get(f"{COLLECTION}/{created['id']}")
    assert response.json == {
        "data": created,
        "links": {
            **created["links"],
            "describedby": "http://127.0.0.1:8000/v1/openapi.json",
        },
        "jsonapi": {"version": "1.1"},
    }
    assert response.content_type == "application/vnd.api+json"


@pytest.mark.parametrize("id_", [UNKNOWN, UNKNOWN.upper(), "1", "nobody", "..", "%00", "a/b"])
def test_an_upload_that_is_not_there(client: FlaskClient, id_: str) -> None:
    response = client.get(f"{COLLECTION}/{id_}")
    assert response.status_code == 404
    assert only_error(response)["code"] == "not-found"


def test_an_empty_collection(client: FlaskClient) -> None:
    body = listing(client)
    assert body["data"] == []
    assert body["meta"] == {"count": 0}
    assert body["links"]["prev"] is body["links"]["next"] is None


@pytest.mark.usefixtures("five")
def test_the_newest_comes_first(client: FlaskClient) -> None:
    assert names(listing(client)) == ["4.png", "2.png", "5.png", "1.png", "3.png"]


def test_everybody_lists_their_own_whoever_asked_before(app: Flask) -> None:
    people = {name: bearer(app, account(app, name)) for name in ("ada", "ben")}
    admin, member = app.test_client(), Stranger(app)
    for name, headers in people.items():
        body = document({"data": data_uri(picture()), "filename": f"{name}.png"})
        assert member.post(COLLECTION, json=body, headers={**headers, **TYPED}).status_code == 201
    for _ in range(2):
        for name, headers in people.items():
            found: Any = member.get(COLLECTION, headers=headers).json
            assert (names(found), found["meta"]["count"]) == ([f"{name}.png"], 1)
        assert listing(admin)["meta"]["count"] == 2


@pytest.mark.usefixtures("five")
def test_the_links_walk_every_page_and_repeat_the_other_parameters(client: FlaskClient) -> None:
    found = []
    query = "?sort=filename&page[size]=2&fields[uploads]=filename"
    body = listing(client, query)
    assert body["meta"]["count"] == 5
    assert body["links"]["prev"] is None
    while True:
        found += names(body)
        if body["links"]["next"] is None:
            break
        assert body["links"]["next"].startswith("http://127.0.0.1:8000/v1/uploads?")
        body = listing(client, "?" + urlsplit(body["links"]["next"]).query)
    assert found == ["1.png", "2.png", "3.png", "4.png", "5.png"]
    assert parse_qs(urlsplit(body["links"]["last"]).query)["page[number]"] == ["3"]
    assert path_of(body["links"]["self"]).startswith(COLLECTION)


@pytest.mark.usefixtures("five")
def test_a_page_beyond_the_last_is_empty_and_leads_back(client: FlaskClient) -> None:
    body = listing(client, "?page[number]=9&page[size]=2")
    assert body["data"] == []
    assert parse_qs(urlsplit(body["links"]["prev"]).query)["page[number]"] == ["3"]
    assert body["meta"]["count"] == 5


@pytest.mark.usefixtures("five")
def test_somebody_elses_parameter_may_look_like_the_number(client: FlaskClient) -> None:
    links = listing(client, "?Xpage[number]=7&page[size]=2")["links"]
    assert parse_qs(urlsplit(links["next"]).query) == {
        "Xpage[number]": ["7"],
        "page[number]": ["2"],
        "page[size]": ["2"],
    }


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("sort", "first"),
    [("filename", "1"), ("-filename", "5"), ("created-at", "3"), ("-created-at", "4")],
)
def test_each_order(client: FlaskClient, sort: str, first: str) -> None:
    assert names(listing(client, f"?sort={sort}"))[0] == f"{first}.png"


@pytest.mark.usefixtures("five")
def test_sorting_by_size(client: FlaskClient) -> None:
    sizes = [each["attributes"]["size"] for each in listing(client, "?sort=-size")["data"]]
    assert sizes == sorted(sizes, reverse=True)


def test_filters_take_any_of_their_values_and_must_all_hold(client: FlaskClient) -> None:
    upload(client, picture("PNG"), filename="a.png")
    upload(client, picture("GIF"), filename="b.gif")
    upload(client, picture("JPEG"), filename="c.jpg")
    assert names(listing(client, "?filter[media-type]=image/gif")) == ["b.gif"]
    both = listing(client, "?filter[media-type]=image/gif,image/png&sort=filename")
    assert names(both) == ["a.png", "b.gif"]
    assert both["meta"]["count"] == 2
    none = listing(client, "?filter[media-type]=image/gif&filter[filename]=a.png")
    assert none["data"] == []


def test_a_sparse_fieldset_and_an_empty_one(client: FlaskClient) -> None:
    id_ = upload(client, picture())["id"]
    some = client.get(f"{COLLECTION}/{id_}?fields[uploads]=url,media-type").json
    assert some is not None
    assert some["data"]["attributes"].keys() == {"url", "media-type"}
    none = client.get(f"{COLLECTION}/{id_}?fields[uploads]=").json
    assert none is not None
    assert "attributes" not in none["data"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("sort=width", "sort"),
        ("sort=key", "sort"),
        ("sort=", "sort"),
        ("sort=size,-size", "sort"),
        ("sort[size]=1", "sort[size]"),
        ("include=comments", "include"),
        ("filter[key]=x", "filter[key]"),
        ("filter[__class__]=x", "filter[__class__]"),
        ("filter[media-type]=", "filter[media-type]"),
        ("filter=x", "filter"),
        ("filter[filename]=%00", "filter[filename]"),
        ("filter[filename][gte]=1", "filter[filename][gte]"),
        ("fields[uploads]=key", "fields[uploads]"),
        ("fields[uploads]=data", "fields[uploads]"),
        ("fields[people]=name", "fields[people]"),
        ("page[size]=0", "page[size]"),
        ("page[size]=-1", "page[size]"),
        ("page[size]=101", "page[size]"),
        ("page[size]=x", "page[size]"),
        ("page[size]=1,2", "page[size]"),
        ("page[number]=0", "page[number]"),
        ("page[number]=99999999999999999999", "page[number]"),
        ("page[offset]=1", "page[offset]"),
        ("page[size]=1&page[size]=2", "page[size]"),
        ("unknown=1", "unknown"),
        ("page[size=1", "page[size"),
    ],
)
def test_a_bad_parameter_is_named(client: FlaskClient, query: str, parameter: str) -> None:
    response = client.get(f"{COLLECTION}?{query}")
    assert response.status_code == 400, response.text
    error = only_error(response)
    if not parameter.startswith(("filter[__", "page[size=")):
        assert error["source"] == {"parameter": parameter}
    assert error["code"] == "invalid-parameter"


def test_a_query_string_that_is_not_utf8_or_has_too_many_parameters(client: FlaskClient) -> None:
    assert client.get(f"{COLLECTION}?sort=%FF").status_code == 400
    assert client.get(f"{COLLECTION}?{'&'.join(f'aB{n}=1' for n in range(101))}").status_code == 400


def test_a_parameter_of_another_implementation_is_ignored(client: FlaskClient) -> None:
    assert client.get(f"{COLLECTION}?camelCase=1").status_code == 200


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("*/*", 200),
        ("text/html", 200),
        ("application/vnd.api+json", 200),
        ("APPLICATION/VND.API+JSON;q=0.5", 200),
        ('application/vnd.api+json;profile="http://example.org/a,b"', 200),
        ("application/vnd.api+json;charset=utf-8", 406),
        ('application/vnd.api+json;ext="http://example.org/x"', 406),
        ("application/vnd.api+json;charset=utf-8, application/vnd.api+json", 200),
    ],
)
def test_accept_is_negotiated(client: FlaskClient, accept: str, status: int) -> None:
    response = client.get(COLLECTION, headers={"Accept": accept})
    assert response.status_code == status
    assert response.headers["Vary"] == "Accept, Origin, Authorization"


def test_a_trailing_slash_is_the_same_address(client: FlaskClient) -> None:
    id_ = upload(client, picture())["id"]
    assert client.get(f"{COLLECTION}/").status_code == 200
    assert client.get(f"{COLLECTION}/{id_}/").status_code == 200


class TestOtherPageSizes:
    @pytest.fixture
    def app(self, make_app: AppFactory) -> Flask:
        return make_app(page_size=2, max_page_size=3)

    @pytest.mark.usefixtures("five")
    def test_the_settings_decide(self, client: FlaskClient) -> None:
        assert len(listing(client)["data"]) == 2
        response = client.get(f"{COLLECTION}?page[size]=4")
        assert only_error(response)["meta"] == {
            "limit": 3,
            "actual": 4,
            "page": {"maxSize": 3},
        }
