"""`/v1/policies/current`: the limits in force, so that no client has to guess."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import AppFactory
from tests.documents import COLLECTION, JSON_API, data_uri, document, only_error, path_of, post
from tests.images import picture

pytestmark = pytest.mark.default_stack("limits come from the settings")

POLICY = "/v1/policies/current"


def in_force(client: FlaskClient) -> dict[str, Any]:
    response = client.get(POLICY)
    assert response.status_code == 200
    found: dict[str, Any] = response.json["data"]["attributes"]  # type: ignore[index]  # it has a body
    return found


def test_it_says_what_the_settings_say(make_app: AppFactory) -> None:
    app = make_app(
        max_bytes="1MiB",
        max_pixels=1000,
        media_types="image/png,image/gif",
        file_types="text/csv",
        variants="eager",
        metadata="keep",
        page_size=5,
        max_page_size=50,
        rate_limits="100 per hour; 7/second",
        quota_bytes="1GiB",
        daily_bytes="1MB",
        expires_after="2 hours",
    )
    assert in_force(app.test_client()) == {
        "max-bytes": 1024**2,
        "max-pixels": 1000,
        "max-frames": 500,
        "max-pixels-of-all-frames": 200_000_000,
        "media-types": ["image/gif", "image/png"],
        "file-types": ["text/csv"],
        "direct-uploads": False,
        "resumable-uploads": {
            "protocols": ["tus-1.0.0"],
            "url": "http://127.0.0.1:8000/v1/uploads/resumable",
            "extensions": [
                "creation",
                "creation-with-upload",
                "creation-defer-length",
                "expiration",
                "checksum",
                "termination",
                "concatenation",
            ],
            "checksum-algorithms": ["sha256", "sha1"],
            "max-unfinished": 100,
            "expires-after": 86400,
        },
        "page-size": 5,
        "max-page-size": 50,
        "max-operations": 50,
        "max-tokens": 100,
        "variants": "eager",
        "metadata": "keep",
        "read-only": False,
        "rate-limits": [{"files": 7, "seconds": 1}, {"files": 100, "seconds": 3600}],
        "quota-bytes": 1024**3,
        "daily-bytes": 10**6,
        "expires-after": 7200,
    }


def test_what_it_says_of_resumable_uploads_is_what_their_address_says(
    client: FlaskClient,
) -> None:
    offered = in_force(client)["resumable-uploads"]
    response = client.options(path_of(offered["url"]))
    assert response.headers["Tus-Extension"].split(",") == offered["extensions"]
    assert response.headers["Tus-Checksum-Algorithm"].split(",") == offered["checksum-algorithms"]
    assert f"tus-{response.headers['Tus-Version']}" in offered["protocols"]
    addresses = client.get("/v1").json["meta"]["addresses"]  # type: ignore[index]  # it has a body
    assert addresses["resumable-uploads"] == offered["url"]


def test_what_has_no_limit_is_null(make_app: AppFactory) -> None:
    found = in_force(make_app(rate_limits="off").test_client())
    assert (found["rate-limits"], found["quota-bytes"], found["daily-bytes"]) == (None, None, None)
    assert found["expires-after"] is None


def test_a_limit_it_names_is_the_one_that_is_kept(make_app: AppFactory) -> None:
    app = make_app(max_bytes=70)
    client = app.test_client()
    error = only_error(post(client, document({"data": data_uri(picture())})))
    assert error["meta"]["limit"] == in_force(client)["max-bytes"] == 70


def test_it_is_a_resource_as_any_other(client: FlaskClient) -> None:
    resource: Any = client.get(f"{POLICY}?fields[policies]=max-bytes").json
    assert resource["data"]["attributes"].keys() == {"max-bytes"}
    assert path_of(resource["data"]["links"]["self"]) == POLICY
    tag = client.get(POLICY).headers["ETag"]
    assert client.get(POLICY, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(POLICY, headers={"Accept": f"{JSON_API};a=b"}).status_code == 406
    assert only_error(client.get(f"{POLICY}?fields[policies]=secret"))["status"] == "400"


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_it_cannot_be_written(client: FlaskClient, method: str) -> None:
    response = client.open(POLICY, method=method, json={}, content_type=JSON_API)
    assert only_error(response)["code"] == "read-only-resource"


def test_there_is_one(client: FlaskClient) -> None:
    assert client.get("/v1/policies/other").status_code == 404
    assert client.get("/v1/policies").status_code == 404


def test_the_entry_point_leads_to_it(client: FlaskClient) -> None:
    addresses = client.get("/v1").json["meta"]["addresses"]  # type: ignore[index]  # it has a body
    assert path_of(addresses["policy"]) == POLICY
    assert path_of(addresses["uploads"]) == COLLECTION
