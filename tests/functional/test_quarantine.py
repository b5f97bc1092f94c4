"""`verify --quick` and `verify --quarantine`: what is lost or damaged is withheld, and healed."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from open_event_uploads.context import current_storage, db
from open_event_uploads.errors import ForeignStorage
from open_event_uploads.maintenance import verify as service
from open_event_uploads.uploads.model import Upload
from tests.admins import admin_in
from tests.documents import COLLECTION, data_uri, patch, path_of, upload
from tests.functional.test_leases import expire
from tests.functional.test_run_operations import results, run
from tests.functional.test_run_operations import update as change
from tests.functional.test_sweep_and_verify import run as manage
from tests.images import picture
from tests.stored import StoredFiles


def found_by(app: Flask, *options: str) -> tuple[int, list[dict[str, Any]], dict[str, Any]]:
    """The status, what was found of each upload, and the summary."""
    status, output = manage(app, "verify", "--json", *options)
    *found, summary = map(json.loads, output.splitlines())
    return status, found, summary


def attributes(client: FlaskClient, id_: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{COLLECTION}/{id_}").json["data"]["attributes"]  # type: ignore[index]  # it has a body
    return found


@pytest.fixture
def damaged(app: Flask, client: FlaskClient, stored_files: StoredFiles) -> dict[str, Any]:
    """An upload whose bytes are others of the same number, and quarantined for it."""
    made = upload(client, picture(), filename="sun.png", alt="A sun")
    (file,) = stored_files()
    file.write_bytes(picture()[:-1] + b"x")
    status, found, summary = found_by(app, "--quarantine")
    assert status == 1
    assert found == [
        {"id": made["id"], "key": file.name, "problem": "wrong-checksum", "done": "quarantined"}
    ]
    assert (summary["problems"], summary["newly-quarantined"]) == (1, 1)
    return made


# --- Quick ------------------------------------------------------------------------------------


def test_quick_looks_at_existence_and_size(
    app: Flask, client: FlaskClient, stored_files: StoredFiles
) -> None:
    for _ in range(3):
        upload(client, picture())
    missing, cut, changed = stored_files()
    missing.unlink()
    cut.write_bytes(picture()[:-1])
    changed.write_bytes(picture()[:-1] + b"x")
    status, found, _ = found_by(app, "--quick")
    assert status == 1
    assert {each["key"]: each["problem"] for each in found} == {
        missing.name: "missing",
        cut.name: "wrong-size",
    }


# --- What is withheld -------------------------------------------------------------------------


def test_without_the_option_nothing_is_withheld(
    app: Flask, client: FlaskClient, stored_files: StoredFiles
) -> None:
    made = upload(client, picture())
    stored_files()[0].write_bytes(b"x")
    assert manage(app, "verify")[0] == 1
    assert attributes(client, made["id"])["status"] == "ready"


def test_it_is_there_without_its_bytes(client: FlaskClient, damaged: dict[str, Any]) -> None:
    shown = attributes(client, damaged["id"])
    said = {**damaged["attributes"], "status": "quarantined", "url": None}
    assert {**shown, "updated-at": None} == {**said, "updated-at": None}
    address = f"{COLLECTION}/{damaged['id']}"
    assert client.get(path_of(damaged["attributes"]["url"])).status_code == 404
    related: Any = client.get(f"{address}/variants").json
    assert (related["data"], related["meta"]) == ([], {"count": 0})
    whole: Any = client.get(f"{address}?include=variants,owner").json["data"]  # type: ignore[index]  # it has a body
    assert whole["relationships"]["variants"]["data"] == []
    assert client.get(f"/v1/variants/{damaged['id']}-icon").status_code == 404
    listed: Any = client.get(f"{COLLECTION}?filter[status]=quarantined").json
    assert [each["id"] for each in listed["data"]] == [damaged["id"]]


def test_a_variant_that_was_made_is_withheld_too(
    app: Flask, client: FlaskClient, stored_files: StoredFiles
) -> None:
    made = upload(client, picture())
    related: Any = client.get(f"{COLLECTION}/{made['id']}/variants").json
    url = path_of(related["data"][0]["attributes"]["url"])
    assert client.get(url).status_code == 200
    next(each for each in stored_files() if each.name.endswith(".png")).unlink()
    found_by(app, "--quarantine")
    assert client.get(url).status_code == 404
    assert manage(app, "variants", "warm")[1].startswith("0 uploads")


def test_what_is_said_of_it_can_be_changed(client: FlaskClient, damaged: dict[str, Any]) -> None:
    assert patch(client, damaged["id"], alt="Nothing").status_code == 200
    shown = attributes(client, damaged["id"])
    assert (shown["alt"], shown["status"]) == ("Nothing", "quarantined")


def test_what_needs_its_bytes_is_a_conflict(client: FlaskClient, damaged: dict[str, Any]) -> None:
    for response in (
        patch(client, damaged["id"], visibility="private"),
        client.post(f"{COLLECTION}/{damaged['id']}/download-link"),
        run(client, change({"id": damaged["id"]}, visibility="private")),
    ):
        assert response.status_code == 409
        assert response.json["errors"][0]["code"] == "not-ready"  # type: ignore[index]  # it has a body


def test_admins_see_that_it_is(app: Flask, damaged: dict[str, Any]) -> None:
    admin = admin_in(app)
    page = admin.get(f"/admin/uploads/{damaged['id']}").text
    assert "Quarantined" in page
    assert damaged["id"] in page
    assert "/media/" not in page
    assert "sun.png" in admin.get("/admin/uploads/?status=quarantined").text
    assert "sun.png" not in admin.get("/admin/uploads/?status=pending").text


# --- The ways back ----------------------------------------------------------------------------


@pytest.mark.parametrize("colour", ["teal", "red"])
def test_a_file_that_is_sent_heals_it(
    client: FlaskClient, damaged: dict[str, Any], stored_files: StoredFiles, colour: str
) -> None:
    changed = patch(client, damaged["id"], data=data_uri(picture(colour=colour)))
    shown = changed.json["data"]["attributes"]  # type: ignore[index]  # it has a body
    assert shown["status"] == "ready"
    assert client.get(path_of(shown["url"])).data == picture(colour=colour)
    assert len(stored_files()) == 1


def test_so_does_an_operation_with_another_visibility(
    client: FlaskClient, damaged: dict[str, Any]
) -> None:
    sent = change({"id": damaged["id"]}, data=data_uri(picture()), visibility="private")
    (found,) = results(run(client, sent))
    shown = found["data"]["attributes"]
    assert (shown["status"], shown["visibility"]) == ("ready", "private")


def test_it_is_deleted_like_any_other(
    client: FlaskClient, damaged: dict[str, Any], stored_files: StoredFiles
) -> None:
    assert client.delete(f"{COLLECTION}/{damaged['id']}").status_code == 204
    assert stored_files() == []


def test_bytes_that_are_back_are_handed_out_again(
    app: Flask, client: FlaskClient, damaged: dict[str, Any], stored_files: StoredFiles
) -> None:
    status, (found,), _ = found_by(app, "--quarantine")
    assert (status, found["problem"], "done" in found) == (1, "wrong-checksum", False)
    stored_files()[0].write_bytes(picture())
    assert found_by(app, "--quick", "--quarantine")[0] == 0
    assert attributes(client, damaged["id"])["status"] == "quarantined"
    status, (found,), _ = found_by(app)
    assert (status, found["problem"]) == (1, "quarantined")
    status, (found,), summary = found_by(app, "--quarantine")
    assert (status, found["done"]) == (0, "released")
    assert (summary["problems"], summary["released"]) == (0, 1)
    shown = attributes(client, damaged["id"])
    assert {**shown, "updated-at": None} == {**damaged["attributes"], "updated-at": None}
    assert client.get(path_of(shown["url"])).data == picture()


def test_in_words(app: Flask, damaged: dict[str, Any], stored_files: StoredFiles) -> None:
    assert manage(app, "verify", "--quarantine")[1].startswith("wrong-checksum: upload")
    stored_files()[0].write_bytes(picture())
    lines = manage(app, "verify", "--quarantine")[1].splitlines()
    assert lines[0].startswith(f"released: upload {damaged['id']}")
    assert lines[1] == "1 uploads checked, 0 problems, 1 released"


# --- Care -------------------------------------------------------------------------------------


@pytest.mark.parametrize("meanwhile", ["replaced", "deleted", "expired"])
def test_the_row_is_read_once_more(
    app: Flask,
    client: FlaskClient,
    stored_files: StoredFiles,
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: str,
) -> None:
    made = upload(client, picture())
    stored_files()[0].unlink()
    unchanged = service._unchanged  # noqa: SLF001 - the moment in between

    def late(*arguments: Any, **options: Any) -> bool:  # noqa: ANN401 - the function's own
        found = unchanged(*arguments, **options)
        if meanwhile == "replaced":
            patch(client, made["id"], data=data_uri(picture(colour="red")))
        elif meanwhile == "deleted":
            client.delete(f"{COLLECTION}/{made['id']}")
        else:
            expire(app, made["id"])
        return found

    monkeypatch.setattr(service, "_unchanged", late)
    _, _, summary = found_by(app, "--quarantine")
    assert summary["newly-quarantined"] == 0
    if meanwhile == "replaced":
        assert attributes(client, made["id"])["status"] == "ready"


@pytest.mark.default_stack("puts the folder away")
def test_an_empty_storage_in_place_of_ours_withholds_nothing(
    app: Flask, client: FlaskClient, data_dir: Path
) -> None:
    made = upload(client, picture())
    (data_dir / "storage").rename(data_dir / "elsewhere")
    with pytest.raises(ForeignStorage, match="UPLOADS_STORAGE_URL"):
        manage(app, "verify", "--quarantine")
    (data_dir / "elsewhere").rename(data_dir / "storage")
    assert client.get(path_of(made["attributes"]["url"])).status_code == 200


def test_of_what_has_no_bytes_yet_or_any_more_nothing_is_expected(
    app: Flask, client: FlaskClient
) -> None:
    expire(app, upload(client, picture())["id"])
    waiting = upload(client, picture())["id"]
    with app.app_context():
        of_waiting = Upload.id == waiting
        db.session.execute(update(Upload).where(of_waiting).values(status="pending"))
        db.session.commit()
        for each in current_storage().objects():
            current_storage().delete(each.key)
    assert found_by(app)[0] == 0
