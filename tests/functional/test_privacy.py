"""What a picture tells about people goes; the picture stays as it is."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image, ImageCms, PngImagePlugin

from open_event_uploads.imaging.metadata import Stripped
from tests.conftest import AppFactory
from tests.documents import (
    COLLECTION,
    data_uri,
    document,
    only_error,
    patch,
    path_of,
    post,
    upload,
)
from tests.images import noise, picture
from tests.stored import StoredFiles

pytestmark = pytest.mark.default_stack("about bytes")

SECRET = b"Ada Lovelace"
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def camera_picture(orientation: int = 6) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    stream = io.BytesIO()
    with Image.open(io.BytesIO(noise((120, 80)))) as image:
        image.save(stream, "JPEG", exif=exif, comment=SECRET, icc_profile=SRGB, quality="keep")
    return stream.getvalue()


def png_with_texts() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", SECRET.decode())
    return picture("PNG", (9, 9), pnginfo=info)


def served(client: FlaskClient, resource: dict[str, Any]) -> bytes:
    found: bytes = client.get(path_of(resource["attributes"]["url"])).data
    return found


def pixels(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content)) as image:
        return image.convert("RGB").tobytes()


@pytest.mark.parametrize("content", [camera_picture(), png_with_texts()], ids=["JPEG", "PNG"])
def test_what_tells_about_people_is_taken_out(client: FlaskClient, content: bytes) -> None:
    assert SECRET in content
    response = post(client, document({"data": data_uri(content)}))
    body: dict[str, Any] = response.json  # type: ignore[assignment]  # it has a body
    assert body["meta"]["removed"]
    found = served(client, body["data"])
    assert SECRET not in found
    assert pixels(found) == pixels(content)
    attributes = body["data"]["attributes"]
    assert attributes["size"] == len(found) < len(content)
    # What is said of the making is no part of the resource.
    again = client.get(f"{COLLECTION}/{body['data']['id']}")
    assert "meta" not in again.json  # type: ignore[operator]  # it has a body
    assert again.headers["ETag"] == response.headers["ETag"]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_and_colours_stay(client: FlaskClient, orientation: int) -> None:
    resource = upload(client, camera_picture(orientation))
    with Image.open(io.BytesIO(served(client, resource))) as image:
        exif = image.getexif()
        assert exif.get(0x0112, 1) == orientation
        assert set(exif) <= {0x0112}
        assert image.info["icc_profile"] == SRGB
    size = resource["attributes"]["width"], resource["attributes"]["height"]
    assert size == ((80, 120) if orientation > 4 else (120, 80))


def test_what_can_be_decoded_only_by_what_goes_is_refused(
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    stored_files: StoredFiles,
) -> None:
    def cutting(content: bytes, _: object) -> Stripped:
        return Stripped(content[:-400], ("trailer",))

    monkeypatch.setattr("open_event_uploads.uploads.store.strip_metadata", cutting)
    response = post(client, document({"data": data_uri(noise((200, 200)))}))
    assert only_error(response)["code"] == "corrupt-image"
    assert stored_files() == []


def test_the_same_bytes_again_are_no_change(client: FlaskClient) -> None:
    content = camera_picture()
    resource = upload(client, content)
    for bytes_ in (content, served(client, resource)):
        response = patch(client, resource["id"], data=data_uri(bytes_))
        assert response.json["data"] == resource  # type: ignore[index]  # it has a body


def test_a_picture_that_tells_nothing_is_kept_to_the_bit(client: FlaskClient) -> None:
    response = post(client, document({"data": data_uri(picture())}))
    body: dict[str, Any] = response.json  # type: ignore[assignment]  # it has a body
    assert "meta" not in body
    assert served(client, body["data"]) == picture()


def test_who_wants_to_may_keep_everything(make_app: AppFactory) -> None:
    client = make_app(metadata="keep").test_client()
    content = camera_picture()
    response = post(client, document({"data": data_uri(content)}))
    body: dict[str, Any] = response.json  # type: ignore[assignment]  # it has a body
    assert "meta" not in body
    assert served(client, body["data"]) == content


def test_other_bytes_are_treated_alike(client: FlaskClient) -> None:
    resource = upload(client, picture())
    changed = patch(client, resource["id"], data=data_uri(camera_picture())).json["data"]  # type: ignore[index]  # it has a body
    assert SECRET not in served(client, changed)
    response = client.put(
        f"{COLLECTION}/{resource['id']}/content", data=png_with_texts(), content_type="image/png"
    )
    assert SECRET not in served(client, response.json["data"])  # type: ignore[index]  # it has a body
