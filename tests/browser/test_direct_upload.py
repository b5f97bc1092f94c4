"""A page of another origin sends a picture to the bucket itself, with the example's script."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import OpenPage
from tests.documents import COLLECTION
from tests.images import noise
from tests.s3 import CREDENTIALS, S3Server
from tests.server import Server

pytestmark = pytest.mark.server

PICTURE = noise((1200, 900))


@pytest.fixture(scope="module")
def server(
    browser: Browser,
    examples: str,
    s3_server: S3Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    assert browser.is_connected()
    with pytest.MonkeyPatch.context() as patched:
        for name, value in {**CREDENTIALS, "AWS_EC2_METADATA_DISABLED": "true"}.items():
            patched.setenv(name, value)
        server = Server(
            tmp_path_factory.mktemp("direct"),
            cors_origins=examples,
            storage_url=s3_server.url(),
            secret_key="s" * 40,
        )
    yield server
    server.stop()


@pytest.fixture
def page(open_page: OpenPage, examples: str, server: Server) -> Page:
    return open_page(f"{examples}/direct/?server={server.url}#token={server.token}")


def send(page: Page, name: str, media_type: str, content: bytes) -> None:
    page.get_by_label("Picture").set_input_files(
        {"name": name, "mimeType": media_type, "buffer": content}
    )
    page.get_by_role("button", name="Send").click()


def test_the_picture_goes_to_the_bucket_and_is_there(
    page: Page, server: Server, s3_server: S3Server
) -> None:
    asked: list[tuple[str, str, int]] = []
    page.on(
        "request",
        lambda request: asked.append(
            (request.method, request.url, len(request.post_data_buffer or b""))
        ),
    )
    send(page, "noise.jpg", "image/jpeg", PICTURE)
    shown = page.get_by_role("img", name="noise.jpg")
    shown.wait_for()
    assert shown.evaluate("each => each.decode().then(() => each.naturalWidth)") == 1200
    assert page.get_by_role("status").inner_text() == "Published."
    (sent,) = [each for each in asked if each[0] == "PUT"]
    assert sent[1].startswith(s3_server.endpoint)
    assert all(size < 1000 for method, url, size in asked if url.startswith(server.url))
    _, body = server.get(f"{COLLECTION}?sort=-created-at&page[size]=1")
    attributes = json.loads(body)["data"][0]["attributes"]
    assert (attributes["status"], attributes["size"]) == ("ready", len(PICTURE))
    assert server.get(attributes["url"]) == (200, PICTURE)


def test_a_page_called_a_picture_is_refused_and_the_reason_is_shown(
    page: Page, complaints: list[str]
) -> None:
    send(page, "picture.png", "image/png", b"<!doctype html><script>alert(1)</script>")
    page.get_by_role("alert").get_by_text("not").wait_for()
    assert page.get_by_role("img").count() == 0
    (complaint,) = complaints
    assert "422" in complaint
    complaints.clear()
