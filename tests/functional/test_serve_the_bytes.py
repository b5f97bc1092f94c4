"""`GET` and `HEAD /media/{key}`."""

import pytest
from flask.testing import FlaskClient

from tests.documents import only_error, path_of, upload
from tests.images import noise, picture
from tests.stored import StoredFiles

CONTENT = noise((64, 64))
SIZE = len(CONTENT)


@pytest.fixture
def url(client: FlaskClient) -> str:
    return path_of(upload(client, CONTENT, filename="talk.jpg")["attributes"]["url"])


def test_the_headers_let_caches_keep_it_and_browsers_run_nothing(
    client: FlaskClient, url: str
) -> None:
    headers = client.get(url).headers
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Content-Length"] == str(SIZE)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["ETag"].startswith('"sha256:')
    assert headers["Content-Disposition"] == "inline; filename=talk.jpg"


def test_head_has_the_headers_and_no_body(client: FlaskClient, url: str) -> None:
    got, head = client.get(url), client.head(url)
    assert (head.status_code, head.data) == (200, b"")
    unlike = {"X-Request-Id", "Date"}
    assert {k: v for k, v in head.headers if k not in unlike} == {
        k: v for k, v in got.headers if k not in unlike
    }
    assert client.head(url, headers={"Range": "bytes=0-1"}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("0-0", 0, 1),
        ("10-19", 10, 20),
        ("10-", 10, SIZE),
        ("-7", SIZE - 7, SIZE),
        ("-99999999", 0, SIZE),
    ],
)
def test_a_range(client: FlaskClient, url: str, asked: str, start: int, stop: int) -> None:
    response = client.get(url, headers={"Range": f"bytes={asked}"})
    assert response.status_code == 206
    assert response.data == CONTENT[start:stop]
    assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"
    assert response.headers["Content-Length"] == str(stop - start)


@pytest.mark.parametrize("asked", ["99999999-", "-0"])
def test_a_range_outside_the_file(client: FlaskClient, url: str, asked: str) -> None:
    response = client.get(url, headers={"Range": f"bytes={asked}"})
    assert response.status_code == 416
    assert response.headers["Content-Range"] == f"bytes */{SIZE}"
    assert only_error(response)["code"] == "range-not-satisfiable"


@pytest.mark.parametrize(
    "asked", ["bytes=5-2", "bytes=a-b", "bytes=0-1,3-4", "lines=1-2", "bytes="]
)
def test_a_range_that_is_ignored(client: FlaskClient, url: str, asked: str) -> None:
    response = client.get(url, headers={"Range": asked})
    assert (response.status_code, response.data) == (200, CONTENT)


def test_if_none_match(client: FlaskClient, url: str) -> None:
    etag = client.get(url).headers["ETag"]
    for value in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        response = client.get(url, headers={"If-None-Match": value})
        assert (response.status_code, response.data) == (304, b"")
        assert response.headers["ETag"] == etag
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get(url, headers={"If-None-Match": '"x"'}).status_code == 200


def test_if_range_and_if_match(client: FlaskClient, url: str) -> None:
    etag = client.get(url).headers["ETag"]
    asked = {"Range": "bytes=0-3"}
    assert client.get(url, headers=asked | {"If-Range": etag}).status_code == 206
    for other in (f"W/{etag}", '"x"', "Mon, 23 Nov 2026 12:00:00 GMT"):
        assert client.get(url, headers=asked | {"If-Range": other}).status_code == 200
    assert client.get(url, headers={"If-Match": '"x"'}).status_code == 412


@pytest.mark.parametrize(
    "key",
    ["nothing.png", "../uploads.db", "..%2f..%2fetc%2fpasswd", "%00", "a/b/c", "x" * 500, "A"],
)
def test_a_key_that_is_nobodys(client: FlaskClient, key: str) -> None:
    response = client.get(f"/media/{key}")
    assert response.status_code == 404
    assert only_error(response)["code"] == "not-found"


@pytest.mark.parametrize(
    ("filename", "disposition"),
    [
        ('a"b.png', "inline; filename=a_b.png; filename*=UTF-8''a%22b.png"),
        ("evil.html", "inline; filename=evil.html.png"),
        ("fête.png", "inline; filename=f_te.png; filename*=UTF-8''f%C3%AAte.png"),
        ("a;b=c.png", 'inline; filename="a;b=c.png"'),
    ],
)
def test_the_file_name_is_spelled_safely(
    client: FlaskClient, filename: str, disposition: str
) -> None:
    resource = upload(client, picture(), filename=filename)
    response = client.get(path_of(resource["attributes"]["url"]))
    assert response.headers["Content-Disposition"] == disposition


def test_bytes_that_are_lost_are_a_503_and_a_deleted_upload_a_404(
    client: FlaskClient, url: str, stored_files: StoredFiles
) -> None:
    (file,) = stored_files()
    file.unlink()
    response = client.get(url)
    assert response.status_code == 503
    assert only_error(response)["code"] == "storage-unavailable"
    assert response.headers["Retry-After"]


def test_a_reader_keeps_its_bytes_when_the_upload_is_deleted(client: FlaskClient) -> None:
    resource = upload(client, CONTENT)
    with client.get(path_of(resource["attributes"]["url"]), buffered=False) as response:
        assert client.delete(f"/v1/uploads/{resource['id']}").status_code == 204
        assert response.data == CONTENT
