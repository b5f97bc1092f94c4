"""Follow every link of every document: "Fetching Data" (docs/reference/jsonapi.md)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.documents import COLLECTION, JSON_API, path_of, upload
from tests.images import picture

TYPES = {"uploads", "variants", "users", "tokens", "presets", "policies"}
Document = dict[str, Any]


def objects_in(value: object) -> Iterator[dict[str, Any]]:
    """Yield every object in a JSON value."""
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from objects_in(each)


def links_in(document: Document) -> Iterator[str]:
    """Yield where the links in a document lead, but for the description of the API."""
    for each in objects_in(document):
        for name, link in each.get("links", {}).items():
            if link is not None and name != "describedby":
                yield path_of(link["href"] if isinstance(link, dict) else link)


def resources_in(document: Document) -> list[dict[str, Any]]:
    """Return the resource objects in a document; an identifier has no links."""
    return [each for each in objects_in(document) if "type" in each and "links" in each]


@pytest.fixture
def documents(client: FlaskClient) -> dict[str, Document]:
    """Fetch what links lead to from the entry point, by address."""
    upload(client, picture(size=(1200, 800)))
    upload(client, picture())
    client.post("/v1/tokens", json={"data": {"type": "tokens"}}, content_type=JSON_API)
    found: dict[str, Document] = {}
    waiting = ["/v1", f"{COLLECTION}?page[size]=1", "/v1/users", "/v1/tokens", "/v1/presets"]
    waiting.append("/v1/policies/current")
    while waiting:
        address = waiting.pop()
        if address not in found:
            response = client.get(address)
            assert response.status_code == 200, address
            found[address] = response.json  # type: ignore[assignment]  # it has a body
            waiting.extend(links_in(found[address]))
    return found


def identity(data: Any) -> Any:  # noqa: ANN401 - primary data of any kind
    """Return the linkage that corresponds to resource objects."""
    if isinstance(data, list):
        return [identity(each) for each in data]
    return data and {"type": data["type"], "id": data["id"]}


def test_every_link_leads_to_what_it_says(documents: dict[str, Document]) -> None:
    resources = [each for body in documents.values() for each in resources_in(body)]
    assert {each["type"] for each in resources} == TYPES
    for resource in resources:
        alone = documents[path_of(resource["links"]["self"])]["data"]
        assert identity(alone) == identity(resource)
        for relationship in resource.get("relationships", {}).values():
            linkage = documents[path_of(relationship["links"]["self"])]
            related = documents[path_of(relationship["links"]["related"])]
            assert linkage["data"] == relationship["data"] == identity(related["data"])


def test_names_keep_their_rules_in_every_document(documents: dict[str, Document]) -> None:
    names = {
        name
        for body in documents.values()
        for each in objects_in({**body, "meta": {}})
        for name in each
    }
    assert [name for name in names if not re.fullmatch("[a-z0-9-]+", name)] == []
    for resource in (each for body in documents.values() for each in resources_in(body)):
        attributes = resource.get("attributes", {})
        fields = [*attributes, *resource.get("relationships", {})]
        assert len(set(fields)) == len(fields)
        # 1.1 allows the last two, but for earlier clients they are reserved.
        assert not {"id", "type"} & set(fields)
        for each in objects_in(attributes):
            assert not {"links", "relationships"} & each.keys()


def test_another_method_is_told_which_are_allowed(client: FlaskClient) -> None:
    one = f"{COLLECTION}/{upload(client, picture())['id']}"
    for address, allowed in (
        (COLLECTION, {"GET", "POST"}),
        (one, {"GET", "PATCH", "DELETE"}),
        (f"{one}/variants", {"GET"}),
        (f"{one}/relationships/variants", {"GET", "PATCH", "POST", "DELETE"}),
    ):
        response = client.put(address, json={}, content_type=JSON_API)
        assert response.status_code == 405
        assert set(response.headers["Allow"].split(", ")) == allowed | {"HEAD", "OPTIONS"}
        assert response.json["errors"][0]["detail"]  # type: ignore[index]  # it has a body
