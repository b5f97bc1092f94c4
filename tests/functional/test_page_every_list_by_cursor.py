"""The Cursor Pagination profile, asked for in Accept, is applied to every list."""

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from open_event_uploads.jsonapi import ResourceList, ResourceRelated, ResourceRelationship
from open_event_uploads.openapi.route_table import Route, routes
from tests.documents import COLLECTION, JSON_API, only_error, path_of, upload
from tests.images import picture

PROFILE = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/"
APPLIED = f'{JSON_API};profile="{PROFILE}"'
ACCEPT = {"Accept": APPLIED}
LISTS = (
    "/v1/presets",
    "/v1/tokens",
    "/v1/uploads",
    "/v1/uploads/{id}/relationships/variants",
    "/v1/uploads/{id}/variants",
    "/v1/users",
)
RELATED, LINKAGE = "/v1/uploads/{id}/variants", "/v1/uploads/{id}/relationships/variants"


@pytest.fixture
def id_(client: FlaskClient) -> str:
    """Return the id of an upload, where there are several items of every type."""
    for n in (1, 2):
        create(client, "users", {"name": f"User {n}"})
        create(client, "tokens", {"name": f"Token {n}"})
        upload(client, picture(size=(n, n)))
    return str(upload(client, picture())["id"])


@pytest.fixture
def addresses(id_: str) -> list[str]:
    """Return the addresses of all lists."""
    return [path.format(id=id_) for path in LISTS]


def create(client: FlaskClient, type_: str, attributes: dict[str, str]) -> None:
    body = {"data": {"type": type_, "attributes": attributes}}
    response = client.post(f"/v1/{type_}", json=body, content_type=JSON_API)
    assert response.status_code == 201, response.text


def get(client: FlaskClient, address: str, **headers: str) -> TestResponse:
    return client.get(path_of(address), headers=headers or ACCEPT)


def page(client: FlaskClient, address: str, **headers: str) -> dict[str, Any]:
    """Fetch a page between cursors, which says that it is one."""
    response = get(client, address, **headers)
    assert (response.status_code, response.content_type) == (200, APPLIED), response.text
    body: dict[str, Any] = response.json  # type: ignore[assignment]  # it has a body
    assert body["jsonapi"] == {"version": "1.1", "profile": [PROFILE]}
    assert body["links"]["self"]["type"] == APPLIED
    assert body["links"].keys() >= {"first", "prev", "next"}
    assert all(each["meta"]["page"]["cursor"] for each in body["data"])
    return body


def ids(body: dict[str, Any]) -> list[str]:
    return [each["id"] for each in body["data"]]


def cursor(item: dict[str, Any]) -> str:
    return quote(item["meta"]["page"]["cursor"])


def test_these_are_all_lists(app: Flask) -> None:
    assert {each.path for each in routes(app) if is_list(each)} == set(LISTS)


def is_list(route: Route) -> bool:
    kind = route.resource
    if kind is None or "GET" not in route.methods:
        return False
    if issubclass(kind, ResourceRelated | ResourceRelationship):
        return bool(kind.schema.relationships()[str(route.relationship)].to_many)
    return issubclass(kind, ResourceList)


def test_a_request_without_parameters_is_answered_with_cursors(
    client: FlaskClient, addresses: list[str]
) -> None:
    for address in addresses:
        plain: dict[str, Any] = client.get(address).json  # type: ignore[assignment]  # it has a body
        body = page(client, address)
        assert ids(body) == ids(plain)
        assert len(body["data"]) > 2, address
        assert body["links"]["prev"] is body["links"]["next"] is None


def test_the_links_walk_a_list_both_ways(client: FlaskClient, addresses: list[str]) -> None:
    for address in addresses:
        expected = ids(page(client, address))
        body = page(client, f"{address}?page[size]=1")
        forwards = ids(body)
        while body["links"]["next"]:
            body = page(client, body["links"]["next"])
            forwards += ids(body)
        backwards = ids(body)
        assert ids(page(client, body["links"]["first"])) == expected[:1]
        while body["links"]["prev"]:
            body = page(client, body["links"]["prev"])
            backwards = ids(body) + backwards
        assert forwards == backwards == expected


def test_two_cursors_are_a_range(client: FlaskClient, addresses: list[str]) -> None:
    for address in addresses:
        body = page(client, address)
        expected = ids(body)
        cursors = [cursor(each) for each in body["data"]]
        for first, last in ((0, -1), (0, 1), (-1, 0), (1, 1)):
            ends = f"page[after]={cursors[first]}&page[before]={cursors[last]}"
            body = page(client, f"{address}?{ends}")
            assert ids(body) == (expected[1:-1] if last == -1 else [])
            assert "meta" not in body


def test_a_range_that_is_too_long_is_cut(client: FlaskClient, addresses: list[str]) -> None:
    for address in addresses:
        body = page(client, address)
        # As if there were no `page[before]`.
        for size in range(1, len(body["data"]) - 1):
            ends = f"page[after]={cursor(body['data'][0])}&page[before]={cursor(body['data'][-1])}"
            cut = page(client, f"{address}?{ends}&page[size]={size}")
            assert ids(cut) == ids(body)[1 : 1 + size]
            fits = size == len(body["data"]) - 2
            assert cut.get("meta") == (None if fits else {"page": {"rangeTruncated": True}})


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("page[number]=1", None),
        ("page[number]=1&page[size]=1", None),
        ("page[size]=0", None),
        ("page[after]=x", None),
        ("page[before]=", None),
        ("page[size]=101", "max-size-exceeded"),
        ("sort=color", "unsupported-sort"),
    ],
)
def test_a_parameter_that_the_profile_forbids_is_named(
    client: FlaskClient, addresses: list[str], query: str, kind: str | None
) -> None:
    for address in addresses:
        response = get(client, f"{address}?{query}")
        assert (response.status_code, response.content_type) == (400, APPLIED)
        error = only_error(response)
        assert error["source"] == {"parameter": query.partition("=")[0]}
        assert error.get("links") == ({"type": PROFILE + kind} if kind else None)


def test_a_cursor_needs_no_profile_in_accept(client: FlaskClient, addresses: list[str]) -> None:
    for address in addresses:
        items = page(client, address)["data"]
        after = f"{address}?page[after]={cursor(items[0])}"
        assert ids(page(client, after, Accept=JSON_API)) == [each["id"] for each in items[1:]]
        error = only_error(get(client, f"{after}&page[number]=1", Accept=JSON_API))
        assert error["source"] == {"parameter": "page[number]"}
        error = only_error(get(client, f"{after}&sort=color", Accept=JSON_API))
        assert error["links"] == {"type": f"{PROFILE}unsupported-sort"}


def test_related_resources_have_numbers_without_the_profile(client: FlaskClient, id_: str) -> None:
    body = get(client, f"{RELATED.format(id=id_)}?page[size]=2", Accept=JSON_API).json
    assert body["jsonapi"] == {"version": "1.1"}  # type: ignore[index]  # it has a body
    assert body["meta"]["count"] > 2  # type: ignore[index]  # it has a body
    assert parse_qs(urlsplit(body["links"]["next"]).query)["page[number]"] == ["2"]  # type: ignore[index]  # it has a body


def test_linkage_is_whole_unless_a_page_is_asked_for(client: FlaskClient, id_: str) -> None:
    address = LINKAGE.format(id=id_)
    whole: dict[str, Any] = get(client, address, Accept=JSON_API).json  # type: ignore[assignment]  # it has a body
    assert "next" not in whole["links"]
    assert ids(page(client, f"{address}?page[size]=2", Accept=JSON_API)) == ids(whole)[:2]


def test_a_page_of_linkage_includes_what_it_names_and_no_more(
    client: FlaskClient, id_: str
) -> None:
    address = f"{LINKAGE.format(id=id_)}?page[size]=2&include=variants.upload"
    body = page(client, address)
    included = [(each["type"], each["id"]) for each in body["included"]]
    assert included == [("variants", each) for each in ids(body)] + [("uploads", id_)]


def test_the_last_page_of_a_range_leads_on(client: FlaskClient, id_: str) -> None:
    address = RELATED.format(id=id_)
    items = page(client, address)["data"]
    body = page(client, f"{address}?page[before]={cursor(items[2])}&page[size]=1")
    assert ids(body) == [items[1]["id"]]
    assert ids(page(client, body["links"]["prev"])) == [items[0]["id"]]
    assert ids(page(client, body["links"]["next"])) == [items[2]["id"]]


def test_one_resource_has_no_pages(client: FlaskClient, id_: str) -> None:
    for address in (f"{COLLECTION}/{id_}", f"{COLLECTION}/{id_}/owner", "/v1"):
        assert get(client, address).content_type == JSON_API
        error = only_error(get(client, f"{address}?page[size]=1"))
        assert error["source"] == {"parameter": "page[size]"}
