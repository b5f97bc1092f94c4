"""SVG: off by default; where it is allowed, nothing of it runs."""

import re
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from open_event_uploads import settings
from open_event_uploads.errors import InvalidSettings
from open_event_uploads.settings import load_settings
from tests.conftest import AppFactory
from tests.corpus import Specimen, corpus
from tests.documents import COLLECTION, data_uri, document, only_error, path_of, post
from tests.images import picture
from tests.other_files import SVG
from tests.stored import StoredFiles

pytestmark = pytest.mark.default_stack("about bytes")

SPECIMENS = [each for each in corpus() if each.path.parent.name == "svg"]

_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|avif)[;,]")
_ELSEWHERE = re.compile(r"@import|url\(\s*[\"']?(?:[a-z]+:|//)", re.IGNORECASE)
_ACTIVE = {"script", "foreignObject", "handler", "iframe", "embed", "object", "listener"}
_SVG = "{http://www.w3.org/2000/svg}"


def what_is_active_in(content: bytes) -> list[str]:
    """What a browser could run, or fetch from elsewhere."""
    assert b"<!" not in content
    assert content.count(b"<?") == 1  # the XML declaration
    found = []
    for element in ET.fromstring(content).iter():  # noqa: S314 - without declarations
        name = element.tag.removeprefix(_SVG)
        if name in _ACTIVE or not element.tag.startswith(_SVG):
            found.append(name)
        if name == "style" and _ELSEWHERE.search(element.text or ""):
            found.append("style")
        for attribute, value in element.attrib.items():
            plain = attribute.rpartition("}")[2].lower()
            leads_away = plain in {"href", "src"} and re.match(r"\s*(?:\w+:|//)", value)
            if leads_away and not _PICTURE.match(value):
                found.append(f"{name} {attribute}={value}")
            if plain.startswith("on") or plain == "attributename" or _ELSEWHERE.search(value):
                found.append(f"{name} {attribute}={value}")
    return found


@pytest.fixture
def svg_client(make_app: AppFactory) -> FlaskClient:
    app = make_app(media_types="image/png,image/svg+xml")
    return app.test_client()


def send(client: FlaskClient, content: bytes) -> TestResponse:
    return post(
        client, document({"data": data_uri(content, "image/svg+xml"), "filename": "logo.svg"})
    )


def test_it_is_off_by_default(client: FlaskClient, stored_files: StoredFiles) -> None:
    assert only_error(send(client, SVG))["code"] == "unsupported-file-type"
    assert stored_files() == []


def test_what_is_served_is_sanitised_inert_and_an_attachment(svg_client: FlaskClient) -> None:
    response = send(svg_client, SVG)
    assert response.status_code == 201, response.text
    attributes = response.json["data"]["attributes"]  # type: ignore[index]  # it has a body
    assert attributes["media-type"] == "image/svg+xml"
    served = svg_client.get(path_of(attributes["url"]))
    assert b"<rect" in served.data
    assert what_is_active_in(served.data) == []
    assert len(served.data) == attributes["size"]
    assert served.content_type == "image/svg+xml"
    assert served.headers["Content-Disposition"] == "attachment; filename=logo.svg"
    policy = served.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy


def test_it_has_no_pixels_and_no_other_sizes(svg_client: FlaskClient) -> None:
    data = send(svg_client, SVG).json["data"]  # type: ignore[index]  # it has a body
    assert data["attributes"]["width"] is None
    assert data["relationships"]["variants"]["data"] == []


def test_the_same_svg_again_is_no_change(svg_client: FlaskClient) -> None:
    data = send(svg_client, SVG).json["data"]  # type: ignore[index]  # it has a body
    change = {
        "data": {
            "type": "uploads",
            "id": data["id"],
            "attributes": {"data": data_uri(SVG, "image/svg+xml")},
        }
    }
    again = svg_client.patch(
        f"{COLLECTION}/{data['id']}", json=change, content_type="application/vnd.api+json"
    )
    assert again.json["data"]["attributes"]["url"] == data["attributes"]["url"]  # type: ignore[index]  # it has a body


def test_other_images_are_as_they_were(svg_client: FlaskClient) -> None:
    assert send(svg_client, picture()).status_code == 201


@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html><script>alert(1)</script>",
        b"<svg/>",
        SVG[:-3],
        b"<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + SVG,
    ],
)
def test_markup_that_is_no_sound_svg_is_refused(
    svg_client: FlaskClient, content: bytes, stored_files: StoredFiles
) -> None:
    assert send(svg_client, content).status_code == 422
    assert stored_files() == []


@pytest.mark.skipif(not SPECIMENS, reason="UPLOADS_TEST_CORPUS names no corpus")
@pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda each: each.path.name)
def test_every_svg_of_the_corpus_is_refused_or_made_harmless(
    svg_client: FlaskClient, specimen: Specimen
) -> None:
    content = specimen.path.read_bytes()
    response = send(svg_client, content)
    assert response.status_code in {201, 422}, response.text
    # Without its namespace no browser shows it.
    if specimen.accepted and _SVG.strip("{}").encode() in content:
        assert response.status_code == 201, response.text
    if response.status_code == 201:
        url = response.json["data"]["attributes"]["url"]  # type: ignore[index]  # it has a body
        assert what_is_active_in(svg_client.get(path_of(url)).data) == []


def test_without_the_library_the_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "find_spec", lambda _: None)
    with pytest.raises(InvalidSettings, match=r"UPLOADS_MEDIA_TYPES: .*\[svg\]"):
        load_settings(media_types="image/svg+xml")
