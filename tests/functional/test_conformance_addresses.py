"""What every address of JSON:API refuses, by every method (docs/reference/jsonapi.md)."""

import pytest
from flask import Flask

from open_event_uploads.server.policy import Who
from tests.conftest import Client
from tests.documents import COLLECTION, JSON_API, only_error
from tests.functional.test_rules import CASES, World, routes

# Below /v1, but not JSON:API.
PLAIN = (
    "docs",
    "docs_asset",
    "openapi",
    "session",
    "open_event_image",
    "open_event_files",
    "resumable_list",
    "resumable_detail",
    "resumable_append",
    "resumable_terminate",
    "resumable_override",
)


@pytest.fixture
def world(app: Flask) -> World:
    made = World(app)
    made.furnish("public")
    return made


@pytest.mark.parametrize(
    ("query", "headers", "status", "source"),
    [
        ("?unknown=1", {}, 400, {"parameter": "unknown"}),
        ("?-x=1", {}, 400, {"parameter": "-x"}),
        ("?include=nothing", {}, 400, {"parameter": "include"}),
        ("", {"Accept": f"{JSON_API};x=1"}, 406, {"header": "Accept"}),
        ("", {"Accept": f'{JSON_API};ext="urn:x"'}, 406, {"header": "Accept"}),
        ("", {"Content-Type": f"{JSON_API};x=1"}, 415, {"header": "Content-Type"}),
        ("", {"Content-Type": f'{JSON_API};ext="urn:x"'}, 415, {"header": "Content-Type"}),
    ],
)
def test_no_address_takes_what_it_does_not_know(
    world: World, query: str, headers: dict[str, str], status: int, source: dict[str, str]
) -> None:
    client = Client(world.app)
    asked = set()
    for method, endpoint, policy in routes(world.app):
        case = CASES[f"{'GET' if policy.who is Who.NOBODY else method} {endpoint}"]
        if case.path.startswith("/v1") and endpoint not in PLAIN:
            content_type = {} if method == "GET" else {"Content-Type": case.media_type}
            response = client.open(
                world.filled(case.path) + query,
                method=method,
                data=b"" if method == "GET" else b"{}",
                headers={**content_type, **headers},
            )
            assert response.status_code == status, (method, endpoint, response.text)
            assert only_error(response)["source"] == source
            asked.add(endpoint)
    assert {"upload_list", "user_detail", "token_related", "operations", "entry_point"} <= asked
    assert client.get(COLLECTION).json["meta"]["count"] == 1  # type: ignore[index]  # it has a body
