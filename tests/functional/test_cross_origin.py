"""Pages of other origins use this server, as far as the operator lets them."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from open_event_uploads.errors import InvalidSettings
from open_event_uploads.settings import load_settings
from tests.conftest import AppFactory
from tests.documents import COLLECTION, JSON_API, document, path_of, post, upload
from tests.images import picture

pytestmark = pytest.mark.default_stack("CORS is decided before a row is read")

APP = "https://app.example.org"
OTHER = "http://[::1]:4200"
STRANGER = "https://stranger.example.org"


def client_of(make_app: AppFactory, origins: str) -> FlaskClient:
    app = make_app(cors_origins=origins)
    return app.test_client()


@pytest.fixture
def client(make_app: AppFactory) -> FlaskClient:
    return client_of(make_app, f"{APP}, {OTHER}")


def granted(response: TestResponse) -> dict[str, str]:
    return {
        name.lower(): value
        for name, value in response.headers
        if name.lower().startswith("access-control-")
    }


def members(header: str) -> list[str]:
    return [each.strip() for each in header.split(",")]


def preflight(client: FlaskClient, path: str, method: str, *headers: str) -> TestResponse:
    return client.options(
        path,
        headers={
            "Origin": APP,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": ",".join(headers),
        },
    )


# --- Preflight --------------------------------------------------------------------------------


def test_a_page_may_send_a_json_api_document(client: FlaskClient) -> None:
    """`Content-Type: application/vnd.api+json` is not a safelisted one (Fetch, section 2.2.2)."""
    response = preflight(client, COLLECTION, "POST", "accept", "content-type")
    assert response.status_code == 204
    grant = granted(response)
    assert grant["access-control-allow-origin"] == APP
    assert "POST" in members(grant["access-control-allow-methods"])
    assert members(grant["access-control-allow-headers"]) == ["accept", "content-type"]
    assert grant["access-control-max-age"] == "86400"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize("path", [COLLECTION, "/media/anything.png"])
def test_every_method_in_use_is_allowed(client: FlaskClient, path: str, method: str) -> None:
    allowed = granted(preflight(client, path, method))["access-control-allow-methods"]
    assert method in members(allowed)


def test_every_request_header_in_use_is_allowed(client: FlaskClient) -> None:
    sent = (
        "accept",
        "authorization",
        "content-type",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "if-range",
        "range",
        "x-request-id",
    )
    grant = granted(preflight(client, COLLECTION, "PATCH", *sent))
    assert members(grant["access-control-allow-headers"]) == list(sent)


@pytest.mark.parametrize(
    "sent",
    [
        # What tus-js-client 4 sends, some of it only where it is configured.
        (
            "authorization",
            "content-type",
            "tus-resumable",
            "upload-checksum",
            "upload-concat",
            "upload-defer-length",
            "upload-length",
            "upload-metadata",
            "upload-offset",
            "x-http-method-override",
            "x-request-id",
        ),
        # draft-ietf-httpbis-resumable-upload.
        (
            "content-digest",
            "content-type",
            "repr-digest",
            "upload-complete",
            "upload-draft-interop-version",
            "upload-length",
            "upload-offset",
        ),
    ],
    ids=["tus", "draft"],
)
def test_every_header_of_a_resumable_upload_is_allowed(
    client: FlaskClient, sent: tuple[str, ...]
) -> None:
    grant = granted(preflight(client, f"{COLLECTION}/resumable", "PATCH", *sent))
    assert members(grant["access-control-allow-headers"]) == list(sent)


def test_every_header_of_the_answer_to_a_resumable_upload_is_read(client: FlaskClient) -> None:
    grant = granted(client.get(COLLECTION, headers={"Origin": APP}))
    assert {
        "Accept-Patch",
        "Content-Location",
        "Location",
        "Tus-Checksum-Algorithm",
        "Tus-Extension",
        "Tus-Max-Size",
        "Tus-Resumable",
        "Tus-Version",
        "Upload-Complete",
        "Upload-Concat",
        "Upload-Defer-Length",
        "Upload-Expires",
        "Upload-Length",
        "Upload-Limit",
        "Upload-Metadata",
        "Upload-Offset",
    } <= set(members(grant["access-control-expose-headers"]))


def test_no_other_method_or_header_is_allowed(client: FlaskClient) -> None:
    assert "access-control-allow-methods" not in granted(preflight(client, COLLECTION, "TRACE"))
    grant = granted(preflight(client, COLLECTION, "GET", "range", "x-anything"))
    assert grant["access-control-allow-headers"] == "range"


def test_options_has_neither_a_body_nor_the_type_of_one(client: FlaskClient) -> None:
    response = client.options(COLLECTION)
    assert response.status_code == 204
    assert response.data == b""
    assert "Content-Type" not in response.headers
    assert {"GET", "POST", "OPTIONS"} <= set(members(response.headers["Allow"]))


# --- Answers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", [APP, OTHER])
def test_a_page_of_an_allowed_origin_reads_answers(client: FlaskClient, origin: str) -> None:
    response = client.get(COLLECTION, headers={"Origin": origin})
    grant = granted(response)
    assert grant["access-control-allow-origin"] == origin
    exposed = set(members(grant["access-control-expose-headers"]))
    assert {"ETag", "Location", "Retry-After", "Content-Range", "X-Request-Id"} <= exposed


def test_it_reads_bytes(client: FlaskClient) -> None:
    address = path_of(upload(client, picture())["attributes"]["url"])
    response = client.get(address, headers={"Origin": APP})
    assert response.status_code == 200
    assert granted(response)["access-control-allow-origin"] == APP
    assert "Origin" in response.vary


@pytest.mark.parametrize("path", [f"{COLLECTION}?sort=nothing", "/v1/nothing", "/media/nothing"])
def test_it_reads_errors(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Origin": APP})
    assert response.status_code in {400, 404}
    assert granted(response)["access-control-allow-origin"] == APP


def test_it_reads_what_is_wrong_with_its_document(client: FlaskClient) -> None:
    response = post(client, document({"data": "nonsense"}), headers={"Origin": APP})
    assert response.status_code == 422
    assert granted(response)["access-control-allow-origin"] == APP


def test_there_are_never_cookies(client: FlaskClient) -> None:
    for response in (
        client.get(COLLECTION, headers={"Origin": APP}),
        preflight(client, COLLECTION, "POST", "content-type"),
    ):
        assert "access-control-allow-credentials" not in granted(response)


@pytest.mark.parametrize(
    "origin", [STRANGER, "null", f"{APP}.evil.example", f"{APP}:8443", "http://app.example.org"]
)
def test_a_page_of_an_unknown_origin_reads_nothing(client: FlaskClient, origin: str) -> None:
    assert granted(client.get(COLLECTION, headers={"Origin": origin})) == {}


def test_caches_are_told_that_answers_differ(client: FlaskClient) -> None:
    for headers in ({}, {"Origin": APP}, {"Origin": STRANGER}):
        response = client.get(COLLECTION, headers={**headers, "Accept": JSON_API})
        (vary,) = response.headers.getlist("Vary")
        assert sorted(members(vary)) == ["Accept", "Authorization", "Origin"]


def test_other_addresses_are_not_for_other_origins(client: FlaskClient) -> None:
    assert granted(client.get("/elsewhere", headers={"Origin": APP})) == {}


# --- What the operator says -------------------------------------------------------------------


def test_by_default_no_other_origin_reads_anything(make_app: AppFactory) -> None:
    client = make_app().test_client()
    assert granted(client.get(COLLECTION, headers={"Origin": APP})) == {}
    assert granted(preflight(client, COLLECTION, "POST", "content-type")) == {}


def test_a_star_lets_everybody_read_the_same_answer(make_app: AppFactory) -> None:
    client = client_of(make_app, "*")
    for headers in ({"Origin": STRANGER}, {"Origin": "null"}, {}):
        grant = granted(client.get(COLLECTION, headers=headers))
        assert grant["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in grant


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:4200", "https://[2001:db8::1]", "capacitor://localhost", "https://APP.org"],
)
def test_an_origin_may_be_any_that_browsers_send(origin: str) -> None:
    assert load_settings(cors_origins=origin).cors_origins == {origin.lower()}


@pytest.mark.parametrize(
    "origins",
    [
        "app.example.org",
        "https://app.example.org/",
        "https://app.example.org/path",
        "https://app.example.org:443",
        "http://app.example.org:80",
        "https://app.example.org:port",
        "https://user@app.example.org",
        "https://*.example.org",
        "https://",
        "null",
        "*, https://app.example.org",
        "https://app.example.org,",
        "https://app.example.org\nX: y",
    ],
)
def test_anything_else_stops_the_start(origins: str) -> None:
    with pytest.raises(InvalidSettings, match=r"^UPLOADS_CORS_ORIGINS: [^\n]+\Z"):
        load_settings(cors_origins=origins)
