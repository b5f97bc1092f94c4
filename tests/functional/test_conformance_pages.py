"""What the Cursor Pagination profile, sorting and paging ask and no other chapter shows."""

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import AppFactory
from tests.documents import COLLECTION, JSON_API, only_error, path_of, upload
from tests.images import noise

PROFILE = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/"
ACCEPT = {"Accept": f'{JSON_API};profile="{PROFILE}"'}
NAMES = ["a.png", "b.png", "b.png", "c.png", "d.png", "e.png", "f.png"]


@pytest.fixture
def seven(client: FlaskClient) -> None:
    """Of the two names that are alike, the larger picture comes first."""
    for n, name in enumerate(NAMES):
        upload(client, noise((90 - 10 * n, 90)), filename=name)


def page(client: FlaskClient, query: str) -> dict[str, Any]:
    response = client.get(f"{COLLECTION}?sort=filename&{query}", headers=ACCEPT)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json  # type: ignore[assignment]  # it has a body
    return body


def names(body: dict[str, Any]) -> list[str]:
    return [each["attributes"]["filename"] for each in body["data"]]


def cursors(body: dict[str, Any]) -> list[str]:
    return [quote(each["meta"]["page"]["cursor"]) for each in body["data"]]


@pytest.mark.usefixtures("seven")
def test_sort_keys_count_in_their_order(client: FlaskClient) -> None:
    for sort, sign in (("filename,size", 1), ("filename,-size", -1), ("-filename,size", 1)):
        body = client.get(f"{COLLECTION}?sort={sort}").json
        found = [each["attributes"] for each in body["data"]]  # type: ignore[index]  # it has a body
        descends = sort.startswith("-")
        assert [each["filename"] for each in found] == sorted(NAMES, reverse=descends)
        first, second = (each["size"] for each in found if each["filename"] == "b.png")
        assert (second - first) * sign > 0


@pytest.mark.usefixtures("seven")
def test_the_last_and_the_first_page_have_no_neighbour(client: FlaskClient) -> None:
    for number, expected in ((1, (None, "2")), (2, ("1", "3")), (3, ("2", None))):
        body = client.get(f"{COLLECTION}?page[number]={number}&page[size]=3").json
        links: dict[str, str | None] = body["links"]  # type: ignore[index]  # it has a body
        assert (number_in(links["prev"]), number_in(links["next"])) == expected
        assert (number_in(links["first"]), number_in(links["last"])) == ("1", "3")


def number_in(link: str | None) -> str | None:
    return parse_qs(urlsplit(link).query)["page[number]"][0] if link else None


@pytest.mark.usefixtures("seven")
def test_a_page_has_as_many_items_as_were_asked_for_while_there_are_so_many(
    client: FlaskClient,
) -> None:
    sizes = []
    body = page(client, "page[size]=3")
    while True:
        sizes.append(len(body["data"]))
        if body["links"]["next"] is None:
            break
        response = client.get(path_of(body["links"]["next"]), headers=ACCEPT)
        body = response.json  # type: ignore[assignment]  # it has a body
    assert sizes == [3, 3, 1]


@pytest.mark.usefixtures("seven")
def test_a_collection_without_an_order_has_the_newest_first(client: FlaskClient) -> None:
    found: list[str] = []
    address: str | None = f"{COLLECTION}?page[size]=3"
    while address:
        body: dict[str, Any] = client.get(path_of(address), headers=ACCEPT).json  # type: ignore[assignment]  # it has a body
        found += names(body)
        address = body["links"]["next"]
    assert found == NAMES[::-1]


@pytest.mark.usefixtures("seven")
def test_each_items_cursor_divides_the_collection_at_that_item(client: FlaskClient) -> None:
    for n, cursor in enumerate(cursors(page(client, ""))):
        assert names(page(client, f"page[after]={cursor}")) == NAMES[n + 1 :]
        assert names(page(client, f"page[before]={cursor}")) == NAMES[:n]


@pytest.mark.usefixtures("seven")
def test_a_short_page_lies_right_beside_its_cursor(client: FlaskClient) -> None:
    middle = cursors(page(client, ""))[4]
    assert names(page(client, f"page[before]={middle}&page[size]=2")) == NAMES[2:4]
    assert names(page(client, f"page[after]={middle}&page[size]=1")) == NAMES[5:6]
    assert names(page(client, "page[size]=2")) == NAMES[:2]


@pytest.mark.usefixtures("seven")
def test_a_next_or_previous_page_is_named_where_there_is_one(client: FlaskClient) -> None:
    found = cursors(page(client, ""))
    for query, prev, next_ in (
        ("page[size]=7", False, False),
        ("page[size]=6", False, True),
        (f"page[size]=2&page[after]={found[4]}", True, False),
        (f"page[size]=1&page[after]={found[4]}", True, True),
        (f"page[size]=2&page[before]={found[2]}", False, True),
        (f"page[size]=1&page[before]={found[2]}", True, True),
    ):
        links = page(client, query)["links"]
        assert (links["prev"] is not None, links["next"] is not None) == (prev, next_), query


def test_a_page_of_nothing_is_empty(client: FlaskClient) -> None:
    body = page(client, "")
    assert body["data"] == []
    assert body["links"]["prev"] is body["links"]["next"] is None


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize("size", ["007", "3", "03"])
def test_a_size_is_a_decimal_number(client: FlaskClient, size: str) -> None:
    assert len(page(client, f"page[size]={size}")["data"]) == int(size)


@pytest.mark.parametrize("sort", ["width", "media-type", "id", "owner"])
def test_an_order_that_cannot_be_paged_is_refused(client: FlaskClient, sort: str) -> None:
    error = only_error(client.get(f"{COLLECTION}?sort={sort}&page[size]=2", headers=ACCEPT))
    assert (error["status"], error["source"]) == ("400", {"parameter": "sort"})
    assert error["links"] == {"type": f"{PROFILE}unsupported-sort"}
    # Who did not ask for the profile hears nothing of it.
    assert "links" not in only_error(client.get(f"{COLLECTION}?sort={sort}"))


class TestSmallPages:
    @pytest.fixture
    def app(self, make_app: AppFactory) -> Flask:
        return make_app(page_size=2, max_page_size=4)

    @pytest.mark.usefixtures("seven")
    def test_a_range_without_a_size_is_as_long_as_a_page_may_be(self, client: FlaskClient) -> None:
        first = cursors(page(client, "page[size]=1"))[0]
        last = cursors(page(client, f"page[after]={first}&page[size]=4"))[3]
        within = page(client, f"page[after]={first}&page[before]={last}")
        assert names(within) == NAMES[1:4]
        assert "meta" not in within

    @pytest.mark.usefixtures("seven")
    def test_a_range_that_is_too_long_is_cut_at_its_end(self, client: FlaskClient) -> None:
        first = cursors(page(client, "page[size]=1"))[0]
        fifth = cursors(page(client, f"page[after]={first}&page[size]=4"))[3]
        last = cursors(page(client, f"page[after]={fifth}"))[1]
        cut = page(client, f"page[after]={first}&page[before]={last}")
        assert names(cut) == NAMES[1:5]
        assert cut["meta"] == {"page": {"rangeTruncated": True}}

    @pytest.mark.usefixtures("seven")
    def test_a_page_without_a_size_has_the_default_one(self, client: FlaskClient) -> None:
        assert len(page(client, "")["data"]) == 2
