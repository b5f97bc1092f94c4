"""Uppy uploads forms to `/v1/uploads`, in a page of another origin."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Bundle, OpenPage, listed
from tests.documents import COLLECTION
from tests.images import noise
from tests.server import Server

pytestmark = pytest.mark.server

PICTURE = noise((1200, 900))


@pytest.fixture(scope="module")
def address(bundle: Bundle) -> str:
    return bundle("uppy.mjs")


@pytest.fixture
def page(open_page: OpenPage, address: str) -> Page:
    return open_page(address)


def upload(page: Page, server: Server, filename: str, content: bytes, media_type: str) -> Any:  # noqa: ANN401 - JSON
    chosen = page.locator("input")
    chosen.set_input_files({"name": filename, "mimeType": media_type, "buffer": content})
    return chosen.evaluate(
        "(input, sent) => upload(...sent, input.files[0], 'Uploaded by Uppy')",
        [f"{server.url}{COLLECTION}", server.token],
    )


def test_the_answer_is_the_document_of_the_upload(page: Page, server: Server) -> None:
    made = upload(page, server, "noise.jpg", PICTURE, "image/jpeg")
    assert (made["failed"], made["refusals"]) == ([], [])
    (response,) = made["successful"]
    assert response["status"] == 201
    (created,) = listed(server)
    seen = response["body"]["data"]
    assert (seen["type"], seen["id"]) == ("uploads", created["id"])
    attributes = seen["attributes"]
    assert (attributes["filename"], attributes["alt"]) == ("noise.jpg", "Uploaded by Uppy")
    assert server.get(attributes["url"]) == (200, PICTURE)


def test_progress_is_reported_to_the_end(page: Page, server: Server) -> None:
    progress = upload(page, server, "noise.jpg", PICTURE, "image/jpeg")["progress"]
    sent = [each["bytesUploaded"] for each in progress]
    assert sent == sorted(sent)
    assert progress[-1] == {"bytesUploaded": len(PICTURE), "bytesTotal": len(PICTURE)}


def test_a_refused_file_is_an_error_with_our_document(
    page: Page, server: Server, complaints: list[str]
) -> None:
    made = upload(page, server, "page.gif", b"<!doctype html><title>No</title>", "image/gif")
    assert made["successful"] == []
    assert len(made["failed"]) == 1
    (refusal,) = made["refusals"]
    assert refusal["status"] == 422
    (error,) = refusal["body"]["errors"]
    assert "not an image" in error["detail"]
    assert error["meta"]["attribute"] == "data"
    assert listed(server) == []
    network, *by_uppy = complaints
    assert "the server responded with a status of 422" in network
    assert all(each.startswith("[Uppy]") for each in by_uppy)
    complaints.clear()
