"""The bytes of a variant: made when somebody asks, and gone with the original."""

import io
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from open_event_uploads.imaging.decoder.pool import DECODERS
from tests.documents import COLLECTION, path_of, upload
from tests.images import noise, picture
from tests.stored import StoredFiles


def variant_of(client: FlaskClient, resource: dict[str, Any]) -> dict[str, Any]:
    body = client.get(f"{COLLECTION}/{resource['id']}/variants").json
    found = {each["attributes"]["name"]: each["attributes"] for each in body["data"]}  # type: ignore[index]  # it has a body
    attributes: dict[str, Any] = found["thumbnail"]
    return attributes


@pytest.mark.parametrize("size", [(1200, 800), (300, 200), (501, 3), (3, 2000), (1, 1)])
@pytest.mark.parametrize("format_", ["PNG", "JPEG", "GIF", "WEBP"])
def test_the_bytes_are_what_the_resource_says(
    client: FlaskClient, format_: str, size: tuple[int, int]
) -> None:
    attributes = variant_of(client, upload(client, picture(format_, size)))
    response = client.get(path_of(attributes["url"]))
    assert response.status_code == 200
    assert response.content_type == attributes["media-type"] == "image/webp"
    with Image.open(io.BytesIO(response.data)) as image:
        assert image.format == "WEBP"
        assert image.size == (attributes["width"], attributes["height"])
        assert image.size[0] == min(500, size[0])


def test_a_camera_that_was_turned_gives_an_upright_thumbnail(client: FlaskClient) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    attributes = variant_of(client, upload(client, picture("JPEG", (1000, 400), exif=exif)))
    assert (attributes["width"], attributes["height"]) == (400, 1000)
    with Image.open(io.BytesIO(client.get(path_of(attributes["url"])).data)) as image:
        assert image.size == (400, 1000)


def test_transparency_survives(client: FlaskClient) -> None:
    stream = io.BytesIO()
    Image.new("RGBA", (600, 600), (200, 0, 0, 0)).save(stream, "PNG")
    attributes = variant_of(client, upload(client, stream.getvalue()))
    with Image.open(io.BytesIO(client.get(path_of(attributes["url"])).data)) as image:
        assert image.convert("RGBA").getpixel((1, 1))[3] == 0  # type: ignore[index]  # four bands


def test_the_second_answer_is_the_stored_one(
    client: FlaskClient, stored_files: StoredFiles
) -> None:
    url = path_of(variant_of(client, upload(client, noise((900, 700))))["url"])
    assert len(stored_files()) == 1
    first = client.get(url)
    assert len(stored_files()) == 2
    second = client.get(url)
    assert first.data == second.data
    assert first.headers["ETag"] == second.headers["ETag"]
    assert client.get(url, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert client.get(url, headers={"Range": "bytes=0-3"}).data == b"RIFF"
    assert "immutable" in first.headers["Cache-Control"]


def test_many_who_ask_at_once_get_the_same(
    app: Flask, client: FlaskClient, stored_files: StoredFiles
) -> None:
    url = path_of(variant_of(client, upload(client, noise((900, 700))))["url"])

    def ask(_: int) -> tuple[int, bytes]:
        response = app.test_client().get(url)
        return response.status_code, response.data

    with ThreadPoolExecutor(16) as pool:
        answers = set(pool.map(ask, range(32)))
    assert len(answers) == 1
    assert answers.pop()[0] == 200
    assert len(stored_files()) == 2


def test_a_deleted_upload_takes_its_variants_along(
    client: FlaskClient, stored_files: StoredFiles
) -> None:
    resource = upload(client, picture(size=(600, 600)))
    url = path_of(variant_of(client, resource)["url"])
    assert client.get(url).status_code == 200
    client.delete(f"{COLLECTION}/{resource['id']}")
    assert client.get(url).status_code == 404
    assert stored_files() == []


def test_a_variant_of_what_is_deleted_meanwhile_is_not_left_behind(
    client: FlaskClient,
    stored_files: StoredFiles,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resource = upload(client, picture(size=(600, 600)))
    url = path_of(variant_of(client, resource)["url"])

    render = DECODERS.render

    def deleting(*arguments: Any) -> bytes:  # noqa: ANN401 - render's own
        assert client.delete(f"{COLLECTION}/{resource['id']}").status_code == 204
        return render(*arguments)

    monkeypatch.setattr(DECODERS, "render", deleting)
    assert client.get(url).status_code == 404
    assert stored_files() == []


def test_an_address_that_was_never_given_out(client: FlaskClient) -> None:
    url = path_of(variant_of(client, upload(client, picture()))["url"])
    for wrong in (
        url[:-6] + ("1" if url[-6] == "0" else "0") + ".webp",
        url[:-5] + ".jpg",
        url.replace("-png", "-gif"),
    ):
        assert client.get(wrong).status_code == 404, wrong


def test_a_decoder_that_dies_takes_no_server_along(client: FlaskClient) -> None:
    for _ in range(3):
        upload(client, picture(size=(60, 60)))
        for pid in DECODERS.pids():
            os.kill(pid, signal.SIGKILL)
    url = path_of(variant_of(client, upload(client, noise((900, 700))))["url"])
    assert client.get(url).status_code == 200
