"""A value of any field that clients write arrives through every way in, and is read everywhere."""

import ast
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

import open_event_uploads
from open_event_uploads.cli import cli
from open_event_uploads.context import current_storage
from open_event_uploads.jsonapi.fields import timestamp
from open_event_uploads.maintenance.manifest import MANIFEST
from open_event_uploads.storage.contract import SignedRequest
from open_event_uploads.uploads import direct
from open_event_uploads.uploads.fields import FIELDS, Choice, FileName, Lease, Text, UploadField
from tests.admins import admin_in
from tests.documents import COLLECTION, data_uri, document, patch, path_of, post, upload
from tests.examples import examples
from tests.functional.test_direct_uploads import announcement
from tests.functional.test_run_operations import add, results, run, update
from tests.functional.test_send_a_file import END, part, send_form
from tests.images import picture
from tests.resumable import COLLECTION as RESUMABLE
from tests.resumable import VERSION, append, begin, metadata
from tests.resumable import send as send_tus

pytestmark = pytest.mark.default_stack("values are read and written alike")

ROOT = Path(open_event_uploads.__file__).parent
PICTURE, OTHER = picture(), picture(colour="red")
# Attributes as JSON has them; strings all of them, as forms have them too.
Attributes = dict[str, str]
NAME = frozenset({"filename"})
ALL_BUT_NAME = frozenset(each.attribute for each in FIELDS) - NAME


class World:
    """An application, an admin's client, and an admin with a browser."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app = app
        self.client = app.test_client()
        self.admin = admin_in(app)
        self._folder = folder
        self._count = 0

    def new_folder(self) -> Path:
        self._count += 1
        return self._folder / str(self._count)

    def manage(self, *arguments: object) -> None:
        result = self.app.test_cli_runner().invoke(cli, [*map(str, arguments), "--json"])
        assert result.exit_code == 0, result.output

    def arrive(self, announced: dict[str, Any], content: bytes) -> None:
        """Bytes are sent to the storage past the server."""
        key = announced["meta"]["upload"]["url"].removeprefix(BUCKET)
        with self.app.app_context():
            current_storage().put(key, content)


BUCKET = "https://bucket.example.org/"


class Bucket:
    """Signs requests as a storage in a bucket does."""

    def presigned_put(self, key: str, size: int, media_type: str, life: timedelta) -> SignedRequest:
        del size, life
        return SignedRequest("PUT", BUCKET + key, {"Content-Type": media_type})


@pytest.fixture
def world(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(direct, "presigner_of", lambda _: Bucket())
    return World(app, tmp_path)


# --- Ways in: each returns the id of the upload ------------------------------------------------


def by_document(world: World, attributes: Attributes) -> str:
    return str(upload(world.client, PICTURE, **attributes)["id"])


def by_form(world: World, attributes: Attributes) -> str:
    parts = [part(name, text.encode()) for name, text in attributes.items()]
    parts.append(part("file", PICTURE, '; filename="part.png"'))
    return id_of(send_form(world.client, b"".join(parts) + END))


def by_raw_body(world: World, attributes: Attributes) -> str:
    return id_of(world.client.post(COLLECTION, data=PICTURE, **raw(attributes)))


def by_new_content(world: World, attributes: Attributes) -> str:
    id_ = by_document(world, {})
    response = world.client.put(f"{COLLECTION}/{id_}/content", data=OTHER, **raw(attributes))
    return id_of(response, 200)


def before_new_content(world: World, attributes: Attributes) -> str:
    id_ = by_document(world, attributes)
    return id_of(world.client.put(f"{COLLECTION}/{id_}/content", data=OTHER, **raw({})), 200)


def by_announcement(world: World, attributes: Attributes) -> str:
    announced = json_of(post(world.client, document({**announcement(PICTURE), **attributes})))
    world.arrive(announced, PICTURE)
    return id_of(patch(world.client, announced["id"], status="ready"), 200)


def by_publication(world: World, attributes: Attributes) -> str:
    announced = json_of(post(world.client, document(announcement(PICTURE))))
    world.arrive(announced, PICTURE)
    return id_of(patch(world.client, announced["id"], status="ready", **attributes), 200)


def by_operation_add(world: World, attributes: Attributes) -> str:
    (result,) = results(run(world.client, add(PICTURE, **attributes)))
    return checked(result["data"], attributes)


def by_operation_update(world: World, attributes: Attributes) -> str:
    new, changed = results(
        run(world.client, add(PICTURE, "new"), update({"lid": "new"}, **attributes))
    )
    assert new["data"]["id"] == changed["data"]["id"]
    return checked(changed["data"], attributes)


def by_idempotent_document(world: World, attributes: Attributes) -> str:
    body, headers = document({"data": data_uri(PICTURE), **attributes}), new_key()
    first, again = (post(world.client, body, headers=headers) for _ in range(2))
    assert json_of(again) == json_of(first)
    return checked(json_of(again), attributes)


def by_idempotent_operation(world: World, attributes: Attributes) -> str:
    body, headers = add(PICTURE, **attributes), new_key()
    first, again = (results(run(world.client, body, headers=headers)) for _ in range(2))
    assert again == first
    return checked(again[0]["data"], attributes)


def by_patch(world: World, attributes: Attributes) -> str:
    return id_of(patch(world.client, by_document(world, {}), **attributes), 200)


def by_import(world: World, attributes: Attributes) -> str:
    folder = world.new_folder()
    folder.mkdir()
    # Bytes that are there already are not imported again.
    content = picture("PNG", (8 + len(list(folder.parent.iterdir())), 8))
    (folder / "file.png").write_bytes(content)
    (folder / MANIFEST).write_text(json.dumps({"file": "file.png", **attributes}))
    before = {each["id"] for each in listed(world.client)}
    world.manage("import", folder)
    (new,) = {each["id"] for each in listed(world.client)} - before
    return str(new)


def by_resumable(world: World, attributes: Attributes) -> str:
    return upload_of(send_tus(world.client, PICTURE, step=40, **attributes))


def by_parts(world: World, attributes: Attributes) -> str:
    parts = []
    for content in (PICTURE[:9], PICTURE[9:]):
        begun = begin(world.client, len(content), {"Upload-Concat": "partial"})
        parts.append(path_of(begun.headers["Location"]))
        append(world.client, parts[-1], 0, content)
    headers = {**VERSION, "Upload-Concat": f"final;{' '.join(parts)}"}
    headers["Upload-Metadata"] = metadata(**attributes)
    return upload_of(world.client.post(RESUMABLE, headers=headers))


def upload_of(response: TestResponse) -> str:
    return response.headers["Content-Location"].rpartition("/")[2]


def by_admin_page(world: World, attributes: Attributes) -> str:
    id_ = by_document(world, {})
    values = {name: in_form(name, value) for name, value in attributes.items()}
    assert world.admin.send(f"/admin/uploads/{id_}", **values).status_code == 303
    return id_


def by_edit_of_several(world: World, attributes: Attributes) -> str:
    id_ = by_document(world, {})
    path = world.admin.send("/admin/edits/new", id=id_).location.partition("?")[0]
    values = {name: in_form(name, value) for name, value in attributes.items()}
    assert world.admin.send(path, confirmed="1", **values).status_code == 303
    return id_


def by_admin_file(world: World, attributes: Attributes) -> str:
    # Keyword arguments have no dashes.
    texts = {name.replace("-", "_"): value for name, value in attributes.items()}
    response = world.admin.send_file(PICTURE, **texts)
    assert response.status_code == 204, response.text
    return response.headers["Content-Location"].rpartition("/")[2]


def before_admin_file(world: World, attributes: Attributes) -> str:
    id_ = by_document(world, attributes)
    response = world.admin.post(
        f"/admin/files/{id_}",
        data=OTHER,
        content_type="image/png",
        headers={"X-CSRF-Token": world.admin.token},
    )
    assert response.status_code == 200, response.text
    return id_


def by_open_event(world: World, attributes: Attributes) -> str:
    body = part("file", PICTURE, f'; filename="{attributes["filename"]}"') + END
    boundary = 'multipart/form-data; boundary="b"'
    before = {each["id"] for each in listed(world.client)}
    response = world.client.post("/v1/upload/files", data=body, content_type=boundary)
    assert response.status_code == 200, response.text
    (new,) = {each["id"] for each in listed(world.client)} - before
    return str(new)


@dataclass(frozen=True, slots=True)
class Way:
    """One way in.

    Args:
        send: sends attributes; returns the id of the upload that has them.
        through: the functions that hand values to a use case, as `module.py::function`.
        carries: the attributes that this way has a place for; None for all.
    """

    send: Callable[[World, Attributes], str]
    through: frozenset[str]
    carries: frozenset[str] | None = None


def way(
    send: Callable[[World, Attributes], str], *through: str, carries: frozenset[str] | None = None
) -> Way:
    return Way(send, frozenset(through), carries)


_NEW, _CHANGE = "uploads/endpoints.py::create_object", "uploads/endpoints.py::update_object"
_ANNOUNCE, _PUBLISH = "uploads/direct.py::announce", "uploads/direct.py::publish"
_OPERATIONS = "uploads/operation_routes.py::_run"
WAYS = (
    way(by_document, _NEW),
    way(by_form, _NEW),
    way(by_raw_body, _NEW, carries=NAME),
    way(by_new_content, _CHANGE, carries=NAME),
    way(before_new_content, _CHANGE),
    way(by_announcement, _ANNOUNCE, _PUBLISH),
    way(by_publication, _ANNOUNCE, _PUBLISH),
    way(by_operation_add, _OPERATIONS),
    way(by_operation_update, _OPERATIONS),
    way(by_idempotent_document, _NEW),
    way(by_idempotent_operation, _OPERATIONS),
    way(by_patch, _CHANGE),
    way(by_import, "maintenance/import_uploads.py::_create"),
    way(by_resumable, "uploads/resumable/complete.py::complete_upload"),
    way(by_parts, "uploads/resumable/concatenate.py::concatenate_parts"),
    way(by_admin_page, "uploads/edits/edit_one.py::edit_upload"),
    way(by_edit_of_several, "uploads/edits/run.py::_change", carries=ALL_BUT_NAME),
    way(by_admin_file, "uploads/resumable/complete.py::complete_upload"),
    way(before_admin_file, "admin/files.py::replace"),
    way(by_open_event, "open_event/routes.py::_add", carries=NAME),
)


# --- Ways out: each returns the attributes of an upload ----------------------------------------


def read_alone(world: World, id_: str) -> dict[str, Any]:
    response = world.client.get(f"{COLLECTION}/{id_}")
    return dict(json_of(response, 200)["attributes"])


def read_in_a_list(world: World, id_: str) -> dict[str, Any]:
    (found,) = (each for each in listed(world.client) if each["id"] == id_)
    return dict(found["attributes"])


def read_included(world: World, id_: str) -> dict[str, Any]:
    one = json_of(world.client.get(f"{COLLECTION}/{id_}"), 200)
    variant = one["relationships"]["variants"]["data"][0]["id"]
    response = world.client.get(f"/v1/variants/{variant}?include=upload")
    (found,) = response.get_json()["included"]
    return dict(found["attributes"])


def read_result(world: World, id_: str) -> dict[str, Any]:
    content = {"data": data_uri(picture(colour="blue"))}
    (result,) = results(run(world.client, update({"id": id_}, **content)))
    return dict(result["data"]["attributes"])


def read_export(world: World, id_: str) -> dict[str, Any]:
    folder = world.new_folder()
    world.manage("export", folder)
    lines = map(json.loads, (folder / MANIFEST).read_text().splitlines())
    (found,) = (each for each in lines if each["id"] == id_)
    defaults = {each.attribute: each.default for each in FIELDS}
    times = {each.attribute for each in FIELDS if isinstance(each.type, Lease)}
    return {
        name: timestamp(datetime.fromisoformat(value)) if name in times and value else value
        for name, value in {**defaults, **found}.items()
    }


def read_admin_page(world: World, id_: str) -> dict[str, Any]:
    page = world.admin.get(f"/admin/uploads/{id_}").text
    return {each.attribute: shown(each, page) for each in FIELDS}


def shown(field: UploadField, page: str) -> str | None:
    name = f'name="{field.attribute}"'
    pattern = {
        FileName: rf'<input {name} value="([^"]*)"',
        Text: rf"<textarea {name}[^>]*>([^<]*)</textarea>",
        Choice: rf'<select {name}.*?<option value="([^"]*)" selected>',
        Lease: rf'{name} value="([^"]*)"',
    }[type(field.type)]
    found = re.search(pattern, page, re.DOTALL)
    assert found, field.name
    text = unescape(found[1])
    if isinstance(field.type, Lease):
        return timestamp(datetime.fromisoformat(text).replace(tzinfo=UTC)) if text else None
    return text


WAYS_OUT = (
    read_alone,
    read_in_a_list,
    read_included,
    read_export,
    read_admin_page,
    # It changes the bytes, and so comes last.
    read_result,
)


# --- Values ------------------------------------------------------------------------------------

_LETTERS = st.characters(categories=("L", "N"), include_characters=" -_'&<>\"", codec="utf-8")
_NAMES = st.text(st.sampled_from("abcäöü019-_ "), min_size=1, max_size=40)


def values(field: UploadField) -> st.SearchStrategy[str]:
    """Values of a field as a document has them, which are kept as they are."""
    match field.type:
        case FileName():
            return _NAMES.map(lambda name: f"{name.strip() or 'x'}.png")
        case Text(most):
            return st.text(_LETTERS, min_size=1, max_size=min(most, 200)).map(normal)
        case Choice(words):
            return st.sampled_from(words)
        case Lease():
            seconds = st.integers(86_400, 300 * 86_400)
            moment = datetime.now(UTC).replace(microsecond=0)
            return seconds.map(lambda each: str(timestamp(moment + timedelta(seconds=each))))


def normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


everything = st.fixed_dictionaries({each.attribute: values(each) for each in FIELDS})


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.send.__name__)
@settings(
    max_examples=examples(20),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(attributes=everything)
def test_what_is_sent_is_read_everywhere(world: World, way: Way, attributes: Attributes) -> None:
    sent = {
        name: value
        for name, value in attributes.items()
        if way.carries is None or name in way.carries
    }
    id_ = way.send(world, sent)
    for read in WAYS_OUT:
        found = read(world, id_)
        assert {name: found[name] for name in sent} == sent, read.__name__


# --- No way is forgotten -----------------------------------------------------------------------

# The modules whose use cases write rows with values that clients sent.
USE_CASES = {
    "uploads/create.py": "create_upload",
    "uploads/announce.py": "announce_upload",
    "uploads/update.py": "update_upload",
    "uploads/publish.py": "publish_upload",
    "uploads/operations.py": "run_operations",
}
# They change what the server keeps alone, or delete.
OTHER_WRITERS = {
    "uploads/delete.py",
    "uploads/quarantine.py",
    "uploads/resumable/begin.py",
    "uploads/resumable/rows.py",
    "uploads/resumable/lock.py",
    "maintenance/remove_abandoned.py",
    "maintenance/remove_expired.py",
}


def users_of(names: set[str]) -> set[str]:
    """The functions that refer to one of these names, as `module.py::function`."""
    found = set[str]()
    for path in ROOT.rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef):
                used = {each.id for each in ast.walk(function) if isinstance(each, ast.Name)}
                if used & names:
                    found.add(f"{path.relative_to(ROOT).as_posix()}::{function.name}")
    return found


def test_every_caller_of_a_use_case_is_a_way_that_is_tried() -> None:
    tried = frozenset[str]().union(*(each.through for each in WAYS))
    assert users_of(set(USE_CASES.values())) == tried


def test_every_module_that_writes_rows_is_known() -> None:
    modules = {each.partition("::")[0] for each in users_of({"write_uploads", "UploadRows"})}
    assert modules - {"uploads/rows.py", "uploads/changes.py"} == USE_CASES.keys() | OTHER_WRITERS


def test_no_other_module_makes_rows() -> None:
    makers = {each.partition("::")[0] for each in users_of({"UploadRow"})}
    for module in makers - {"uploads/rows.py"}:
        text = (ROOT / module).read_text("utf-8")
        assert not re.search(r"\b(?:Upload|UploadRow)\(", text), module
        assert not re.search(r"\binsert\([^)]*Upload", text), module


# --- Small things ------------------------------------------------------------------------------


def json_of(response: Any, status: int = 201) -> dict[str, Any]:  # noqa: ANN401 - a test's response
    assert response.status_code == status, response.text
    return dict(response.get_json()["data"])


def id_of(response: Any, status: int = 201) -> str:  # noqa: ANN401 - as above
    return str(json_of(response, status)["id"])


def checked(resource: dict[str, Any], attributes: Attributes) -> str:
    """The id of a resource that shows what was sent."""
    assert {name: resource["attributes"][name] for name in attributes} == attributes
    return str(resource["id"])


def raw(attributes: Attributes) -> dict[str, Any]:
    name = attributes.get("filename")
    headers = {"Content-Disposition": f'file; filename="{name}"'.encode().decode("latin-1")}
    return {"content_type": "image/png", "headers": headers if name else {}}


_keys = iter(range(1_000_000))


def new_key() -> dict[str, str]:
    return {"Idempotency-Key": f'"{next(_keys)}"'}


def in_form(attribute: str, value: str) -> str:
    (field,) = (each for each in FIELDS if each.attribute == attribute)
    return value[: len("2026-01-01T00:00:00")] if isinstance(field.type, Lease) else value


def listed(client: FlaskClient) -> list[dict[str, Any]]:
    response = client.get(f"{COLLECTION}?page[size]=100")
    return list(response.get_json()["data"])
