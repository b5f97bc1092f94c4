"""Files that are no images: allowed by name, kept as they are, handed out as attachments."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_migrate import downgrade, upgrade

from open_event_uploads.imaging.formats import FILES_BY_MEDIA_TYPE
from tests.conftest import AppFactory
from tests.documents import COLLECTION, data_uri, document, only_error, path_of, post
from tests.functional.test_open_event import files
from tests.images import picture
from tests.other_files import CSV, FILES
from tests.stored import StoredFiles

PDF = FILES["application/pdf"]
ALL = ",".join(FILES)


@pytest.fixture
def make_client(make_app: AppFactory) -> Callable[..., FlaskClient]:
    def make(**settings: object) -> FlaskClient:
        app = make_app(**settings)
        return app.test_client()

    return make


@pytest.fixture
def open_client(make_client: Callable[..., FlaskClient]) -> FlaskClient:
    """Of a server that takes every file it knows."""
    return make_client(file_types=ALL)


def sent(client: FlaskClient, content: bytes, filename: str) -> dict[str, Any]:
    """Send a file and read its resource."""
    response = files(client, ("file", content, filename))
    assert response.status_code == 200, response.text
    (resource,) = client.get(COLLECTION).json["data"]  # type: ignore[index]  # it has a body
    assert resource["attributes"]["url"] == response.json["url"]  # type: ignore[index]  # it has a body
    return dict(resource)


@pytest.mark.parametrize("media_type", FILES)
def test_a_file_is_kept_as_it_is_and_handed_out_as_an_attachment(
    open_client: FlaskClient, media_type: str
) -> None:
    format_ = FILES_BY_MEDIA_TYPE[media_type]
    found = sent(open_client, FILES[media_type], f"talk.{format_.extension}")
    said = "application/octet-stream" if media_type == "text/csv" else media_type
    assert found["attributes"]["media-type"] == said
    response = open_client.get(path_of(found["attributes"]["url"]))
    assert response.data == FILES[media_type]
    assert response.content_type == said
    disposition = response.headers["Content-Disposition"]
    assert disposition == f"attachment; filename=talk.{format_.extension}"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"].endswith("sandbox")


def test_it_is_an_ordinary_upload_without_what_only_pictures_have(
    open_client: FlaskClient,
) -> None:
    resource = sent(open_client, PDF, "programme.pdf")
    attributes, id_ = resource["attributes"], resource["id"]
    assert (attributes["filename"], attributes["size"]) == ("programme.pdf", len(PDF))
    for name in ("width", "height", "frames", "placeholder", "color"):
        assert attributes[name] is None
    assert resource["relationships"]["variants"]["data"] == []
    related = open_client.get(f"{COLLECTION}/{id_}/variants?include=upload").json
    assert related["data"] == []  # type: ignore[index]  # it has a body
    assert open_client.get(f"/v1/variants/{id_}-thumbnail").status_code == 404
    change = {"data": {"type": "uploads", "id": id_, "attributes": {"alt": "When and where"}}}
    changed = open_client.patch(
        f"{COLLECTION}/{id_}", json=change, content_type="application/vnd.api+json"
    )
    assert changed.json["data"]["attributes"]["alt"] == "When and where"  # type: ignore[index]  # it has a body
    assert open_client.delete(f"{COLLECTION}/{id_}").status_code == 204
    assert open_client.get(path_of(attributes["url"])).status_code == 404


def test_a_filter_finds_files_beside_pictures(open_client: FlaskClient) -> None:
    sent(open_client, PDF, "programme.pdf")
    files(open_client, ("file", picture(), "a.png"))
    query = "?filter[media-type]=application/pdf"
    found = open_client.get(COLLECTION + query).json["data"]  # type: ignore[index]  # it has a body
    assert [each["attributes"]["filename"] for each in found] == ["programme.pdf"]


@pytest.mark.parametrize(
    ("filename", "disposition"),
    [
        ("list.csv", "attachment; filename=list.csv"),
        ("list.html", "attachment; filename=list.html.csv"),
        ("list", "attachment; filename=list.csv"),
        ("LIST.CSV", "attachment; filename=LIST.CSV"),
    ],
)
def test_a_saved_file_opens_as_what_it_is(
    open_client: FlaskClient, filename: str, disposition: str
) -> None:
    url = sent(open_client, CSV, filename)["attributes"]["url"]
    response = open_client.get(path_of(url))
    assert response.headers["Content-Disposition"] == disposition


def test_only_what_the_settings_name_is_taken(make_client: Callable[..., FlaskClient]) -> None:
    client = make_client(file_types="application/pdf,audio/mpeg")
    sent(client, PDF, "a.pdf")
    for media_type in FILES.keys() - {"application/pdf", "audio/mpeg"}:
        error = only_error(files(client, ("file", FILES[media_type], "a.pdf")))
        assert error["code"] == "unsupported-file-type"
        assert "application/pdf, audio/mpeg" in error["detail"]


def test_slides_of_open_events_frontend_are_taken(make_client: Callable[..., FlaskClient]) -> None:
    # What its form lets through, and the name that macOS has for Keynote.
    offered = (
        "application/pdf",
        "application/vnd.ms-powerpoint",
        "video/mp4",
        "application/vnd.oasis.opendocument.presentation",
        "application/x-iwork-keynote-sffkey",
    )
    client = make_client(file_types=",".join(offered))
    policy = client.get("/v1/policies/current").json
    keynote = "application/vnd.apple.keynote"
    assert policy["data"]["attributes"]["file-types"] == sorted({*offered[:4], keynote})  # type: ignore[index]  # it has a body
    for media_type in (*offered[:4], keynote):
        response = files(client, ("file", FILES[media_type], "talk"))
        (extension, *_) = sorted(FILES_BY_MEDIA_TYPE[media_type].extensions - {"pot", "pps", "m4v"})
        assert response.json["url"].endswith(f".{extension}")  # type: ignore[index]  # it has a body


def test_without_the_setting_no_such_file_is_taken(
    client: FlaskClient, stored_files: StoredFiles
) -> None:
    for content in FILES.values():
        assert only_error(files(client, ("file", content, "a")))["status"] == "422"
    assert stored_files() == []


@pytest.mark.parametrize("content", [PDF, CSV])
def test_only_that_address_takes_them(open_client: FlaskClient, content: bytes) -> None:
    refused = post(open_client, document({"data": data_uri(content)}))
    assert only_error(refused)["code"] == "unsupported-file-type"
    raw = open_client.post(COLLECTION, data=content, content_type="application/octet-stream")
    assert only_error(raw)["code"] == "unsupported-file-type"


@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html><script>alert(1)</script>",
        b"\x7fELF" + bytes(60),
        b"PK\x03\x04" + bytes(60),
        b"",
        picture()[:-20],
    ],
)
def test_what_is_neither_image_nor_known_is_refused(
    open_client: FlaskClient, content: bytes, stored_files: StoredFiles
) -> None:
    assert files(open_client, ("file", content, "a.csv")).status_code == 422
    assert stored_files() == []


def test_pictures_and_files_may_come_together(open_client: FlaskClient) -> None:
    response = files(open_client, ("files[]", PDF, "a.pdf"), ("files[]", picture(), "b.png"))
    urls = response.json["url"]  # type: ignore[index]  # it has a body
    assert [open_client.get(path_of(url)).data for url in urls] == [PDF, picture()]


def test_a_part_of_a_file_can_be_fetched(open_client: FlaskClient) -> None:
    url = sent(open_client, PDF, "a.pdf")["attributes"]["url"]
    response = open_client.get(path_of(url), headers={"Range": "bytes=1-3"})
    assert (response.status_code, response.data) == (206, b"PDF")


def test_variants_made_at_upload_are_made_of_pictures_only(
    make_client: Callable[..., FlaskClient], stored_files: StoredFiles
) -> None:
    client = make_client(file_types=ALL, variants="eager")
    sent(client, PDF, "a.pdf")
    assert len(stored_files()) == 1


def test_a_file_keeps_its_row_through_a_migration_down_and_up(open_client: FlaskClient) -> None:
    resource = sent(open_client, PDF, "programme.pdf")
    with open_client.application.app_context():
        downgrade(revision="20261123_variants")
        upgrade()
    # Accounts came later, so tokens are gone.
    del open_client.application.config["TEST_HEADERS"]
    open_client = open_client.application.test_client()
    found = open_client.get(f"{COLLECTION}/{resource['id']}").json["data"]  # type: ignore[index]  # it has a body
    assert found["attributes"]["filename"] == "programme.pdf"
    # The index of words is kept up by triggers, which copying the table loses.
    files(open_client, ("file", picture(), "sunflower.png"))
    query = "?filter[q]=sunflower"
    assert open_client.get(COLLECTION + query).json["meta"]["count"] == 1  # type: ignore[index]  # it has a body
