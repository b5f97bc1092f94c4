"""`UPLOADS_MEDIA_URL` is a bucket: public files and their variants come from it, and no others."""

import hashlib
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from flask.testing import FlaskClient

from tests.conftest import AppFactory
from tests.documents import document, post, upload
from tests.fetch import fetch
from tests.images import picture
from tests.s3 import PUBLIC_BUCKET, S3Server

SECRET = "s" * 40
HTML = b"<!doctype html><script>alert(1)</script>"
CONTENT = picture(size=(640, 480))


@pytest.fixture
def media(s3: S3Server) -> str:
    """The address of a part of a bucket that anybody may read."""
    place = urlsplit(s3.url(bucket=PUBLIC_BUCKET))
    return f"{s3.endpoint}/{PUBLIC_BUCKET}{place.path}/objects"


@pytest.fixture
def client(make_app: AppFactory, s3: S3Server, media: str) -> FlaskClient:
    prefix = media.removeprefix(f"{s3.endpoint}/{PUBLIC_BUCKET}/").removesuffix("/objects")
    return make_app(
        storage_url=s3.url(prefix, PUBLIC_BUCKET),
        media_url=media,
        variants="eager",
        secret_key=SECRET,
    ).test_client()


def test_a_picture_and_its_variants_are_there_with_their_headers(
    client: FlaskClient, media: str
) -> None:
    made = upload(client, CONTENT)
    included = client.get(f"/v1/uploads/{made['id']}?include=variants").get_json()["included"]
    addresses = [each["attributes"]["url"] for each in (made, *included)]
    assert len(addresses) > 3
    for address, said in zip(addresses, (made, *included), strict=True):
        assert address.startswith(f"{media}/")
        found = fetch(address)
        assert found.status == 200
        assert found.headers["Content-Type"] == said["attributes"]["media-type"]
        assert found.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert found.headers["Content-Disposition"] == "inline"
        assert found.content
    assert fetch(addresses[0]).content == CONTENT


def test_what_is_private_is_asked_for_here(client: FlaskClient, media: str) -> None:
    made = upload(client, CONTENT, visibility="private")
    address = made["attributes"]["url"]
    here = "http://127.0.0.1:8000/media/"
    assert address.startswith(f"{here}private/")
    key = address.removeprefix(here)
    assert fetch(f"{media}/{key}").status == 403
    assert client.get(f"/media/{key}").data == CONTENT


def test_what_nobody_has_looked_at_is_not_public(client: FlaskClient) -> None:
    said = {
        "filename": "page.png",
        "media-type": "image/png",
        "size": len(HTML),
        "checksum": f"sha256:{hashlib.sha256(HTML).hexdigest()}",
    }
    leave = post(client, document(said)).get_json()["data"]["meta"]["upload"]
    request = Request(leave["url"], HTML, leave["headers"], method="PUT")  # noqa: S310 - the store's
    with urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
        assert answer.status == 200
    sent = urlsplit(leave["url"])
    assert "/objects/pending/" in sent.path
    assert fetch(f"http://{sent.netloc}{sent.path}").status == 403


def test_what_is_deleted_is_gone(client: FlaskClient) -> None:
    made = upload(client, CONTENT)
    assert client.delete(f"/v1/uploads/{made['id']}").status_code == 204
    assert fetch(made["attributes"]["url"]).status == 404
