"""The API says what it is: to programs in OpenAPI 3.1, to people on a page."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from open_event_uploads.jsonapi.api import schemas_by_type
from open_event_uploads.openapi.attributes import ONE_PIXEL
from open_event_uploads.server.routes import policies_of
from tests.conftest import AppFactory
from tests.documents import COLLECTION, document, path_of, post, upload
from tests.images import picture
from tests.server import manage

pytestmark = pytest.mark.default_stack("the description is the same")

DESCRIPTION = "/v1/openapi.json"
PAGE = "/v1/docs"


@pytest.fixture
def description(client: FlaskClient) -> dict[str, Any]:
    response = client.get(DESCRIPTION)
    assert response.status_code == 200
    assert response.content_type == "application/openapi+json"
    found: dict[str, Any] = json.loads(response.data)
    return found


def check(description: dict[str, Any], component: str, instance: object) -> None:
    """An instance follows a component schema, whose references lead into the description."""
    schema = {"$ref": f"#/components/schemas/{component}", "components": description["components"]}
    OAS31Validator(schema).validate(instance)


# --- For programs -----------------------------------------------------------------------------


def test_it_is_valid_openapi_3_1(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1.")
    assert [str(each) for each in OpenAPIV31SpecValidator(description).iter_errors()] == []


def test_every_address_and_method_is_described(app: Flask, description: dict[str, Any]) -> None:
    # An address is described where a template, its variables filled in, leads to its endpoint.
    described: dict[str, set[str]] = {}
    adapter = app.url_map.bind("")
    for path, item in description["paths"].items():
        for method in item.keys() - {"parameters"}:
            endpoint, _ = adapter.match(filled_in(path, item), method=method.upper())
            described.setdefault(str(endpoint), set()).add(method.upper())
    table = {
        rule.endpoint: set(rule.methods or ()) - {"HEAD", "OPTIONS"}
        for rule in app.url_map.iter_rules()
        if all(each.documented for each in policies_of(app, rule.endpoint).values())
    }
    assert {name: each - {"HEAD"} for name, each in described.items()} == table


def filled_in(path: str, item: dict[str, Any]) -> str:
    for parameter in item.get("parameters", []):
        value = example_of(parameter["schema"]["pattern"])
        path = path.replace(f"{{{parameter['name']}}}", value)
    assert "{" not in path
    return path


def example_of(pattern: str) -> str:
    uuid = "0f8fad5b-d9cd-469f-a165-70867728950e"
    return next(
        each for each in (uuid, f"{uuid}-small", "current", "a") if re.search(pattern, each)
    )


def test_every_operation_says_what_it_is_for_and_how_it_fails(description: dict[str, Any]) -> None:
    operations = [
        operation
        for item in description["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    ]
    ids = [each["operationId"] for each in operations]
    assert len(set(ids)) == len(ids)
    for operation in operations:
        assert operation["summary"]
        assert operation["tags"], operation["operationId"]
        assert operation["responses"]


def test_every_type_has_its_components(app: Flask, description: dict[str, Any]) -> None:
    with app.app_context():
        types = schemas_by_type(app)
    for type_ in types:
        for part in ("Resource", "Document"):
            assert f"{type_.title()}{part}" in description["components"]["schemas"]
    assert {"UploadsCollection", "ErrorDocument"} <= description["components"]["schemas"].keys()


def test_parameters_name_what_may_be_asked(description: dict[str, Any]) -> None:
    listing = description["paths"][COLLECTION]["get"]["parameters"]
    inline = {each["name"]: each["schema"] for each in listing if "name" in each}
    sortable = ["created-at", "filename", "size"]
    assert inline["sort"]["items"]["enum"] == [
        sign + name for name in sortable for sign in ("", "-")
    ]
    assert {name for name in inline if name.startswith("filter[")} >= {
        "filter[media-type]",
        "filter[checksum]",
    }
    assert {"owner", "variants", "variants.upload"} <= set(inline["include"]["items"]["enum"])
    assert "data" not in inline["fields[uploads]"]["items"]["enum"]


def test_every_attribute_says_what_it_is(description: dict[str, Any]) -> None:
    for type_ in ("Uploads", "Variants", "Users"):
        attributes = description["components"]["schemas"][f"{type_}Attributes"]["properties"]
        assert not [name for name, each in attributes.items() if "description" not in each]


def test_what_the_server_shows_is_what_is_described(
    client: FlaskClient, description: dict[str, Any]
) -> None:
    resource = upload(client, picture())
    described = description["components"]["schemas"]["UploadsAttributes"]["properties"]
    assert resource["attributes"].keys() == described.keys()
    check(description, "UploadsResource", resource)
    check(description, "UploadsCollection", client.get(COLLECTION).json)
    check(description, "UploadsDocument", client.get(f"{COLLECTION}/{resource['id']}").json)
    check(description, "ErrorDocument", client.get(f"{COLLECTION}?sort=nothing").json)


def test_its_example_can_be_uploaded(client: FlaskClient, description: dict[str, Any]) -> None:
    new = document({"data": ONE_PIXEL, "filename": None})
    check(description, "UploadsNew", new)
    assert post(client, new).status_code == 201


def test_it_names_the_public_address_and_the_limits_in_force(make_app: AppFactory) -> None:
    app = make_app(public_url="https://uploads.example.org/base", max_page_size=50, page_size=5)
    found = json.loads(app.test_client().get(DESCRIPTION).data)
    assert found["servers"] == [{"url": "https://uploads.example.org/base"}]
    size = found["components"]["parameters"]["pageSize"]["schema"]
    assert (size["default"], size["maximum"]) == (5, 50)


def test_documents_point_at_it(client: FlaskClient) -> None:
    found: Any = client.get(COLLECTION).json
    assert path_of(found["links"]["describedby"]) == DESCRIPTION


def test_it_is_not_sent_twice(client: FlaskClient) -> None:
    tag = client.get(DESCRIPTION).headers["ETag"]
    assert client.get(DESCRIPTION, headers={"If-None-Match": tag}).status_code == 304


def test_a_command_prints_it(tmp_path: Path, description: dict[str, Any]) -> None:
    printed = manage(tmp_path, "openapi")
    assert printed.returncode == 0, printed.stderr
    assert json.loads(printed.stdout) == description


# --- For people -------------------------------------------------------------------------------


class Page(HTMLParser):
    """Collects what a page loads, and whether it carries a script of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.language: str | None = None
        self.inline_scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "html":
            self.language = named.get("lang")
        if tag == "script" and not named.get("src"):
            self.inline_scripts += 1
        if tag in {"script", "link"}:
            self.loads += filter(None, (named.get("src"), named.get("href")))


def test_the_page_loads_from_this_server_only(client: FlaskClient) -> None:
    response = client.get(PAGE)
    assert response.content_type == "text/html; charset=utf-8"
    page = Page()
    page.feed(response.text)
    assert page.language == "en"
    assert "<title>" in response.text
    assert page.inline_scripts == 0
    assert page.loads
    for address in page.loads:
        assert address.startswith(f"{PAGE}/")
        assert client.get(address).status_code == 200, address


def test_its_policy_allows_no_script_but_ours(client: FlaskClient) -> None:
    policy = client.get(PAGE).headers["Content-Security-Policy"]
    rules = dict(each.strip().split(" ", 1) for each in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"


def test_it_stands_where_the_public_address_says(make_app: AppFactory) -> None:
    app = make_app(public_url="https://uploads.example.org/base")
    response = app.test_client().get(PAGE)
    assert 'src="/base/v1/docs/start.js"' in response.text
    assert "https://uploads.example.org;" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["index.html", "..%2fstart.js", "swagger-ui.js", "page.html"])
def test_it_has_no_other_parts(client: FlaskClient, name: str) -> None:
    assert client.get(f"{PAGE}/{name}").status_code == 404
