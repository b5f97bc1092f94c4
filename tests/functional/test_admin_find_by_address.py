"""Any address of an upload, copied from anywhere, leads admins to its page."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import event

from open_event_uploads.admin.copied_address import CopiedAddress
from open_event_uploads.admin.find_address import find_address
from open_event_uploads.context import db
from tests.admins import Visitor, admin_in
from tests.conftest import AppFactory
from tests.documents import data_uri, patch, path_of, upload
from tests.images import picture

LIST = "/admin/uploads/"
NOBODYS = "0b95c1d2-3f4a-4e21-9c55-a1b2c3d4e5f6"


@pytest.fixture
def admin(app: Flask) -> Visitor:
    return admin_in(app)


def strings_in(value: object) -> Iterator[str]:
    """Yield every text in a document."""
    if isinstance(value, dict):
        for each in value.values():
            yield from strings_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings_in(each)
    elif isinstance(value, str):
        yield value


def lead_of(admin: Visitor, text: str) -> str | None:
    """Return where the search field leads."""
    answer = admin.get(LIST, query_string={"q": text})
    assert answer.status_code in {200, 303}, answer.text
    return answer.location


@pytest.mark.parametrize("visibility", ["public", "private"])
def test_every_address_that_the_api_gives_leads_to_the_upload(
    app: Flask, admin: Visitor, visibility: str
) -> None:
    client = app.test_client()
    content = picture(size=(1600, 1200))
    made = upload(client, content, visibility=visibility)
    page = f"{LIST}{made['id']}"
    shown = client.get(f"/v1/uploads/{made['id']}?include=variants").json
    link = client.post(f"/v1/uploads/{made['id']}/download-link").json
    addresses = {
        each
        for document in (shown, link)
        for each in strings_in(document)
        if (each.startswith("http") and made["id"] in each) or "/media/" in each
    }
    assert len(addresses) > 10
    addresses |= set(re.findall(r'data-copy="([^"]+)"', admin.get(page).text))
    for address in addresses | {page, made["id"], f"{page}?x=1"}:
        assert lead_of(admin, address) == page, address
        assert lead_of(admin, f"![Stage]({address})") == page
        assert lead_of(admin, quote(address, safe="")) == page


def test_the_answers_for_the_open_event_server_do(app: Flask, admin: Visitor) -> None:
    answer = app.test_client().post("/v1/upload/image", json={"data": data_uri(picture())})
    assert (lead_of(admin, answer.text) or "").startswith(LIST)
    assert lead_of(admin, answer.text.replace("/", "\\/")) == lead_of(admin, answer.text)


def test_the_address_of_a_resumable_upload_leads_to_what_it_became(admin: Visitor) -> None:
    content = picture()
    path = path_of(admin.begin_file(len(content)).headers["Location"])
    assert lead_of(admin, f"https://example.org{path}") is None
    sent = admin.append_file(path, 0, content)
    assert sent.status_code == 204
    id_ = sent.headers["Content-Location"].rpartition("/")[2]
    assert lead_of(admin, f"https://example.org{path}") == f"{LIST}{id_}"
    assert id_ not in path


def test_the_host_and_the_folders_of_an_address_do_not_matter(
    make_app: AppFactory,
) -> None:
    app = make_app(media_url="https://cdn.example.net/files")
    admin = admin_in(app)
    made = upload(app.test_client(), picture())
    key = made["attributes"]["url"].rpartition("/")[2]
    page = f"{LIST}{made['id']}"
    for address in (
        f"https://cdn.example.net/files/{key}?v=1#a",
        f"https://old.example.org/media/{key}",
        f"http://127.0.0.1:8333/bucket/a/prefix/{key}?X-Amz-Date=20261129T000000Z",
        f"https://bucket.s3.amazonaws.com/a/prefix/{key}",
        f"/stored/objects/{key[:2]}/{key}",
        f"https://evil.example/?next=//evil.example/{key}",
    ):
        assert lead_of(admin, address) == page, address


def test_what_is_not_found_is_named(app: Flask, admin: Visitor) -> None:
    client = app.test_client()
    made = upload(client, picture())
    old = made["attributes"]["url"]
    assert patch(client, made["id"], visibility="private").status_code == 200
    for address in (old, f"https://example.org/v1/uploads/{NOBODYS}"):
        page = admin.get(LIST, query_string={"q": address}).text
        assert re.findall(r"[0-9a-f-]{36}", address)[0] in page
        assert "No upload has the id or the storage key" in page
        assert "No upload has this address" in page
        assert made["id"] not in page
    page = admin.get(LIST, query_string={"q": "https://example.org/logo.png"}).text
    assert "the address of no upload" in page


def test_a_file_name_that_looks_like_a_key_is_found_by_its_words(
    app: Flask, admin: Visitor
) -> None:
    upload(app.test_client(), picture(), filename=f"{NOBODYS}.png")
    page = admin.get(LIST, query_string={"q": f"{NOBODYS}.png"}).text
    assert f'title="{NOBODYS}.png"' in page
    assert "No upload has the id or the storage key" in page


@pytest.mark.default_stack("reads the plan of SQLite")
def test_an_address_costs_look_ups_in_indexes_alone(app: Flask) -> None:
    upload(app.test_client(), picture())
    ran: list[tuple[str, Any]] = []
    with app.app_context():
        event.listen(
            db.engine, "before_cursor_execute", lambda *call: ran.append((call[2], call[3]))
        )
        assert find_address(CopiedAddress((NOBODYS,), is_url=True), engine=db.engine) is None
        statements = [each for each in ran if each[0].startswith("SELECT")]
        connection = db.session.connection()
        plans = [
            str(step[3])
            for statement, values in statements
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    assert len(statements) == 2
    assert not [each for each in plans if each.startswith("SCAN")], plans
