"""The server is killed while several uploads are changed, or set back: that can go on."""

import re
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlencode

import pytest

from open_event_uploads.context import db
from open_event_uploads.database.read import read
from open_event_uploads.uploads.model import Upload, UploadRow
from tests.admins import FORM, Visitor, admin_in
from tests.documents import upload
from tests.faults.deployment import Deployment
from tests.images import picture

pytestmark = [pytest.mark.server, pytest.mark.default_stack("kills between two commits")]

COUNT = 5


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    found = Deployment(tmp_path, {})
    yield found
    found.close()


def rows(deployment: Deployment) -> list[UploadRow]:
    with deployment.app.app_context():
        return read(db.engine, db.select(Upload), UploadRow)


def send(deployment: Deployment, admin: Visitor, path: str, **fields: str) -> None:
    """Send a form to the server, which may not answer."""
    cookie = admin.get_cookie("uploads_admin", path="/admin")
    assert cookie
    body = urlencode({"csrf_token": admin.token, **fields}).encode()
    headers = {"Cookie": f"uploads_admin={cookie.value}"}
    deployment.exchange("POST", path, body, FORM, headers)


@pytest.mark.parametrize("visibility", ["public", "private"])
@pytest.mark.parametrize("step", [7, 8, 9, 12])
def test_an_edit_goes_on_after_a_kill(deployment: Deployment, step: int, visibility: str) -> None:
    admin = admin_in(deployment.app)
    client = deployment.app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {deployment.token}"
    ids = [upload(client, picture(), alt="Old")["id"] for _ in range(COUNT)]
    path = admin.send("/admin/edits/new", id=ids).location.partition("?")[0]
    fields = {"alt": "New", "visibility": visibility, "confirmed": str(COUNT)}
    assert deployment.server
    with deployment.armed(str(step)), suppress(OSError, HTTPException):
        send(deployment, admin, path, **fields)
    assert deployment.server.has_ended()
    deployment.notice_a_kill()
    assert "Old" in {each.alt for each in rows(deployment)}
    send(deployment, admin, f"{path}/continue")
    found = rows(deployment)
    assert {(each.alt, each.visibility, each.version) for each in found} == {("New", visibility, 2)}
    assert re.search(rf"<dt>Changed</dt><dd>{COUNT}</dd>", admin.get(path).text)
    send(deployment, admin, f"{path}/undo")
    found = rows(deployment)
    assert {(each.alt, each.visibility, each.version) for each in found} == {("Old", "public", 3)}
    deployment.sweep()
    assert deployment.problems() == []


@pytest.mark.parametrize("step", [12, 17])
def test_an_undo_goes_on_after_a_kill(deployment: Deployment, step: int) -> None:
    admin = admin_in(deployment.app)
    client = deployment.app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {deployment.token}"
    ids = [upload(client, picture(), alt="Old")["id"] for _ in range(COUNT)]
    path = admin.send("/admin/edits/new", id=ids).location.partition("?")[0]
    fields = {"alt": "New", "visibility": "private", "confirmed": str(COUNT)}
    send(deployment, admin, path, **fields)
    assert {each.alt for each in rows(deployment)} == {"New"}
    assert deployment.server
    with deployment.armed(str(step)), suppress(OSError, HTTPException):
        send(deployment, admin, f"{path}/undo")
    assert deployment.server.has_ended()
    deployment.notice_a_kill()
    assert {each.alt for each in rows(deployment)} == {"Old", "New"}
    # It stands among the recent changes, and cannot be begun again.
    send(deployment, admin, f"{path}/undo")
    assert "New" in {each.alt for each in rows(deployment)}
    undoing = re.findall(r"/admin/edits/[0-9a-f-]{36}", admin.get("/admin/edits/").text)
    (going_on,) = {*undoing} - {path}
    send(deployment, admin, f"{going_on}/continue")
    found = rows(deployment)
    assert {(each.alt, each.visibility, each.version) for each in found} == {("Old", "public", 3)}
    deployment.sweep()
    assert deployment.problems() == []
