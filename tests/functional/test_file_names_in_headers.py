"""The file name in `Content-Disposition`, in every answer that carries one."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.http import parse_options_header

from tests.conftest import AppFactory
from tests.documents import COLLECTION, path_of, upload
from tests.fetch import fetch
from tests.functional.test_open_event import files
from tests.images import picture
from tests.other_files import FILES
from tests.s3 import S3Server

PDF = FILES["application/pdf"]

# As they are sent, and the stem that is kept.
NAMES = {
    'say "cheese"': 'say "cheese"',
    'a"; filename="evil.exe': 'a"; filename="evil.exe',
    "100%41 of 50%": "100%41 of 50%",
    "C:\\photos\\me": "me",
    "../../a:b?c*<d>|e": "a:b?c*<d>|e",
    "会場 🎤 écran": "会場 🎤 écran",
    ".htaccess": ".htaccess",
    "a\r\nSet-Cookie: b": "aSet-Cookie: b",
    "gnp\u202eexe": "gnpexe",
    "x" * 300: "x" * 116,
}

every_name = pytest.mark.parametrize(("sent", "kept"), NAMES.items(), ids=range(len(NAMES)))


def check(header: str, kind: str, name: str) -> None:
    """Check what a careful and a careless reader of a header find."""
    assert header.isascii()
    assert "\\" not in header
    assert parse_options_header(header) == (kind, {"filename": name})
    careless = header.partition("filename=")[2].partition("; filename*=")[0].strip('"')
    assert not set('"%/:?*<>|') & set(careless)
    assert not careless.startswith(".")
    assert careless.endswith(name.rpartition(".")[2])


def headers_of_answers(client: FlaskClient, url: str) -> Iterator[str]:
    """Ask for a file in every way in which this server sends one."""
    path = path_of(url)
    for method, sent in (
        ("GET", {}),
        ("HEAD", {}),
        ("GET", {"Range": "bytes=0-3"}),
        ("GET", {"If-Match": "*"}),
        ("GET", {"If-None-Match": "*"}),
    ):
        response = client.open(path, method=method, headers=sent)
        assert response.status_code in {200, 206, 304}
        yield response.headers["Content-Disposition"]


def check_upload(client: FlaskClient, made: dict[str, Any], name: str) -> None:
    """Check every answer with the bytes of an upload of a PNG, and of one of its variants."""
    for header in headers_of_answers(client, made["attributes"]["url"]):
        check(header, "inline", f"{name}.png")
    related: Any = client.get(f"{COLLECTION}/{made['id']}/variants").json
    for header in headers_of_answers(client, related["data"][0]["attributes"]["url"]):
        check(header, "inline", f"{name}.webp")


@every_name
def test_a_picture_and_its_variants_have_names_that_every_reader_can_use(
    client: FlaskClient, sent: str, kept: str
) -> None:
    for visibility in ("public", "private"):
        made = upload(client, picture(), filename=f"{sent}.png", visibility=visibility)
        assert made["attributes"]["filename"] == f"{kept}.png"
        check_upload(client, made, kept)


@every_name
def test_an_attachment_has_a_name_that_every_reader_can_use(
    make_app: AppFactory, sent: str, kept: str
) -> None:
    client = make_app(file_types="application/pdf").test_client()
    # No line of a form's part may end within a name.
    written = re.sub(r'(["\\])', r"\\\1", re.sub(r"[\r\n]", "", f"{sent}.pdf"))
    response: Any = files(client, ("file", PDF, written)).json
    for header in headers_of_answers(client, response["url"]):
        check(header, "attachment", f"{kept}.pdf")


@pytest.mark.default_stack("nginx sends the files of a folder alone")
@every_name
def test_what_nginx_sends_has_a_name_that_every_reader_can_use(
    make_app: AppFactory, sent: str, kept: str
) -> None:
    client = make_app(x_accel_prefix="/files/").test_client()
    made = upload(client, picture(), filename=f"{sent}.png")
    response = client.get(path_of(made["attributes"]["url"]))
    assert response.headers["X-Accel-Redirect"].startswith("/files/")
    check_upload(client, made, kept)


@pytest.fixture
def redirecting(make_app: AppFactory, s3: S3Server) -> Flask:
    return make_app(storage_url=s3.url(), secret_key="s" * 40, private_redirect=True)


@pytest.mark.default_stack("it has a storage of its own")
def test_what_the_bucket_sends_has_a_name_that_every_reader_can_use(redirecting: Flask) -> None:
    client = redirecting.test_client()
    for sent, kept in NAMES.items():
        made = upload(client, picture(), filename=f"{sent}.png", visibility="private")
        related: Any = client.get(f"{COLLECTION}/{made['id']}/variants").json
        for resource, name in ((made, f"{kept}.png"), (related["data"][0], f"{kept}.webp")):
            response = client.get(path_of(resource["attributes"]["url"]))
            assert response.status_code == 307
            found = fetch(response.headers["Location"])
            assert found.status == 200
            check(found.headers["Content-Disposition"], "inline", name)
