"""Several uploads are changed together on the pages for admins, and what was changed is undone."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from open_event_uploads.accounts.delete_user import delete_user
from open_event_uploads.admin import chosen_uploads, edits
from open_event_uploads.admin.upload_form import TOGETHER
from open_event_uploads.context import current_storage, db
from open_event_uploads.database.read import read
from open_event_uploads.database.types import now
from open_event_uploads.database.write import write
from open_event_uploads.errors import StorageUnavailable
from open_event_uploads.uploads.edits import begin
from open_event_uploads.uploads.edits.begin import remove_ended
from open_event_uploads.uploads.edits.model import MAX_EDITS, Edit, EditedUpload
from open_event_uploads.uploads.fields import FIELDS
from open_event_uploads.uploads.model import Upload, UploadRow
from tests.accounts import account
from tests.admins import Visitor, admin_in
from tests.documents import patch, path_of, upload
from tests.images import picture

LIST = "/admin/uploads/"
EDITS = "/admin/edits/"
NOBODYS = "00000000-0000-4000-8000-000000000000"
Make = Callable[..., list[str]]


@pytest.fixture
def admin(app: Flask) -> Visitor:
    return admin_in(app)


@pytest.fixture
def make(app: Flask) -> Make:
    """Uploads pictures, and gives their ids."""
    client = app.test_client()
    return lambda count=3, **attributes: [
        upload(client, picture(), filename=f"{number}.png", **attributes)["id"]
        for number in range(count)
    ]


def rows(app: Flask) -> dict[str, UploadRow]:
    with app.app_context():
        return {each.id: each for each in read(db.engine, select(Upload), UploadRow)}


def begun(admin: Visitor, ids: list[str], **fields: object) -> str:
    """Choose uploads in the list, and give the path of the form that is shown."""
    answer = admin.send(f"{EDITS}new", id=ids, **fields)
    assert answer.status_code == 303
    assert answer.location.startswith(EDITS), answer.location
    assert admin.get(answer.location).status_code == 200
    return str(answer.location.partition("?")[0])


def apply(admin: Visitor, path: str, count: int, **fields: object) -> TestResponse:
    return admin.send(path, confirmed=str(count), **fields)


def edited(admin: Visitor, ids: list[str], **fields: object) -> str:
    """Change uploads together, and give the path of the report."""
    path = begun(admin, ids)
    answer = apply(admin, path, len(ids), **fields)
    assert answer.status_code == 303, answer.text
    return path


def undo(admin: Visitor, path: str) -> TestResponse:
    return admin.send(f"{path}/undo")


# --- Several uploads ---------------------------------------------------------------------------


def test_the_chosen_uploads_get_the_same_values(app: Flask, admin: Visitor, make: Make) -> None:
    *chosen, other = make(4, alt="Old", caption="Kept", credit="Gone")
    path = begun(admin, chosen)
    page = admin.get(path).text
    assert "Edit 3 uploads" in page
    assert page.count('class="tile"') == 3
    fields = {"alt": "New ✓", "clear-credit": "on", "visibility": "private"}
    assert apply(admin, path, 3, **fields).status_code == 303
    found = rows(app)
    for each in chosen:
        values = (found[each].alt, found[each].caption, found[each].credit, found[each].visibility)
        assert values == ("New ✓", "Kept", "", "private")
        assert found[each].version == 2
    assert (found[other].alt, found[other].credit, found[other].version) == ("Old", "Gone", 1)
    report = admin.get(path).text
    assert re.search(r"<dt>Changed</dt><dd>3</dd>", report)
    assert "Not changed" not in report


def test_what_a_storage_could_not_move_waits(
    app: Flask, admin: Visitor, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = begun(admin, make(2))

    def fails(*_args: object, **_options: object) -> None:
        raise StorageUnavailable

    with app.app_context(), monkeypatch.context() as broken:
        broken.setattr(type(current_storage()), "put", fails)
        assert apply(admin, path, 2, visibility="private").status_code == 503
    assert {each.visibility for each in rows(app).values()} == {"public"}
    assert admin.send(f"{path}/continue").status_code == 303
    assert {each.visibility for each in rows(app).values()} == {"private"}


def test_files_move_with_their_visibility(app: Flask, admin: Visitor, make: Make) -> None:
    ids = make(2)
    old = [each["attributes"]["url"] for each in app.test_client().get("/v1/uploads").json["data"]]  # type: ignore[index]  # it has a body
    edited(admin, ids, visibility="private")
    for url in old:
        assert app.test_client().get(path_of(url)).status_code == 404
    for url in (f"/v1/uploads/{each}" for each in ids):
        new = app.test_client().get(url).json["data"]["attributes"]["url"]  # type: ignore[index]  # it has a body
        assert app.test_client().get(path_of(new)).status_code == 200


def test_every_field_but_the_name_can_be_set_for_several(admin: Visitor, make: Make) -> None:
    assert {each.name for each in FIELDS} - {each.name for each in TOGETHER} == {"filename"}
    page = admin.get(begun(admin, make(1))).text
    assert set(re.findall(r' name="(?!clear-|c)([a-z-]+)"', page)) >= {
        each.attribute for each in TOGETHER if each.attribute[0] != "c"
    }
    for each in TOGETHER:
        assert f'name="{each.attribute}"' in page


def test_leases_are_set_and_removed_together(app: Flask, admin: Visitor, make: Make) -> None:
    ids = make(2)
    edited(admin, ids, **{"expires-at": "2031-01-02T03:04"})
    assert {each.expires_at for each in rows(app).values()} == {
        datetime(2031, 1, 2, 3, 4, tzinfo=UTC)
    }
    edited(admin, ids, **{"clear-expires-at": "on"})
    assert {each.expires_at for each in rows(app).values()} == {None}


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({}, 400, "Nothing is to be changed yet"),
        ({"alt": "New", "clear-alt": "on"}, 422, "cannot be both set and removed"),
        ({"alt": "a" * 2001}, 422, "2000 are allowed"),
        ({"visibility": "secret"}, 422, "visibility"),
        ({"expires-at": "soon"}, 422, "expires-at"),
    ],
)
def test_what_cannot_be_is_shown_again_and_nothing_is_changed(
    admin: Visitor, app: Flask, fields: dict[str, str], status: int, said: str
) -> None:
    ids = [upload(app.test_client(), picture())["id"] for _ in range(2)]
    answer = apply(admin, begun(admin, ids), 2, **fields)
    assert answer.status_code == status
    assert said in answer.text
    if "clear-alt" in fields:
        assert ">New</textarea>" in answer.text
        assert 'name="clear-alt" checked' in answer.text
    assert {each.version for each in rows(app).values()} == {1}


def test_the_number_must_be_the_one_that_was_shown(app: Flask, admin: Visitor, make: Make) -> None:
    path = begun(admin, make(3))
    assert apply(admin, path, 2, alt="New").status_code == 200
    assert admin.send(path, alt="New").status_code == 200
    assert {each.version for each in rows(app).values()} == {1}


def test_an_edit_is_decided_once(app: Flask, admin: Visitor, make: Make) -> None:
    path = edited(admin, make(2), alt="One")
    assert apply(admin, path, 2, alt="One").status_code == 303
    assert apply(admin, path, 2, alt="Two").status_code == 400
    assert {each.alt for each in rows(app).values()} == {"One"}
    assert {each.version for each in rows(app).values()} == {2}


def test_all_that_a_filter_selects_are_changed(app: Flask, admin: Visitor, make: Make) -> None:
    make(25, alt="Old")
    kept = make(1)
    page = admin.get(f"{LIST}?size=20&q=old").text
    assert "Edit all 25" in page
    query = re.search(r'name="filter" value="([^"]*)"', page)
    assert query
    path = begun(admin, [], all="25", filter=query[1])
    assert "Edit 25 uploads" in admin.get(path).text
    apply(admin, path, 25, credit="Ada")
    assert {id_ for id_, each in rows(app).items() if each.credit != "Ada"} == set(kept)


def test_there_is_a_bound_on_how_many(
    app: Flask, admin: Visitor, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(3)
    for module in (begin, chosen_uploads):
        monkeypatch.setattr(module, "MAX_UPLOADS", 2)
    answer = admin.send(f"{EDITS}new", all="3", filter="", back=f"{LIST}?view=list")
    assert answer.location == f"{LIST}?view=list"
    assert "too many uploads" in admin.get(LIST).text
    with app.app_context():
        assert read(db.engine, select(Edit.id)) == []


@pytest.mark.parametrize("ids", [[], [NOBODYS], ["x"]])
def test_choosing_nothing_is_said(admin: Visitor, ids: list[str]) -> None:
    answer = admin.send(f"{EDITS}new", id=ids, back="//evil.example/")
    assert answer.location == LIST
    assert "No upload was chosen" in admin.get(LIST).text


def test_what_others_changed_or_deleted_meanwhile_is_reported(
    app: Flask, admin: Visitor, make: Make
) -> None:
    changed, deleted, same, plain = make(4, alt="Old")
    path = begun(admin, [changed, deleted, same, plain])
    client = app.test_client()
    assert patch(client, changed, alt="Theirs").status_code == 200
    assert client.delete(f"/v1/uploads/{deleted}").status_code == 204
    apply(admin, path, 4, alt="Old", credit="Ada")
    found = rows(app)
    assert (found[changed].alt, found[changed].credit) == ("Theirs", "")
    assert found[plain].credit == "Ada"
    report = admin.get(path).text
    assert re.search(r"<dt>Not changed</dt><dd>2</dd>", report)
    assert "changed meanwhile" in report
    assert "deleted meanwhile" in report
    assert deleted in report


def test_what_is_so_already_is_counted_apart(app: Flask, admin: Visitor, make: Make) -> None:
    (one,), (other,) = make(1, alt="New"), make(1, alt="Old")
    report = admin.get(edited(admin, [one, other], alt="New")).text
    assert re.search(r"<dt>Was so before</dt><dd>1</dd>", report)
    assert rows(app)[one].version == 1


# --- One batch after another ------------------------------------------------------------------


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request changes one upload."""
    monkeypatch.setattr(edits, "_SECONDS", 0)
    monkeypatch.setattr(edits, "_SECONDS_WITH_SCRIPT", 0)


@pytest.mark.usefixtures("slow")
def test_many_are_changed_in_several_requests(app: Flask, admin: Visitor, make: Make) -> None:
    path = edited(admin, make(3), alt="New")
    assert "1 of 3 uploads are done" in admin.get(path).text
    assert admin.send(f"{path}/continue").status_code == 303
    script = admin.post(
        f"{path}/continue", headers={"Accept": "application/json", "X-CSRF-Token": admin.token}
    )
    assert script.json == {"done": 3, "total": 3}
    assert {each.alt for each in rows(app).values()} == {"New"}
    assert "data-run" not in admin.get(path).text


@pytest.mark.usefixtures("slow")
def test_what_waits_is_not_changed_after_an_undo(app: Flask, admin: Visitor, make: Make) -> None:
    path = edited(admin, make(3, alt="Old"), alt="New")
    assert undo(admin, path).status_code == 303
    admin.send(f"{path}/continue")
    assert {each.alt for each in rows(app).values()} == {"Old"}
    assert re.search(r"<dt>Not tried</dt><dd>2</dd>", admin.get(path).text)


def test_two_that_go_on_at_once_change_nothing_twice(
    app: Flask, admin: Visitor, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edits, "_SECONDS_WITH_SCRIPT", 0)
    path = edited(admin, make(12), alt="New")
    headers = {"X-CSRF-Token": admin.token}
    cookie = admin.get_cookie("uploads_admin", path="/admin")
    assert cookie

    def go_on(_: int) -> int:
        tab = Visitor(app)
        tab.set_cookie("uploads_admin", cookie.value, path="/admin")
        return tab.post(f"{path}/continue", headers=headers).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(go_on, range(4))) == {303}
    assert {(each.alt, each.version) for each in rows(app).values()} == {("New", 2)}
    assert re.search(r"<dt>Changed</dt><dd>12</dd>", admin.get(path).text)


def test_of_two_admins_at_once_one_changes_each_upload(
    app: Flask, admin: Visitor, make: Make
) -> None:
    ids = make(12)
    account(app, "Hal", "admin")
    other = Visitor(app)
    other.enter("hal@example.org")
    jobs = [(admin, begun(admin, ids), "Grace"), (other, begun(other, ids), "Hal")]
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(lambda job: apply(job[0], job[1], 12, credit=job[2]), jobs)
        assert {each.status_code for each in answers} == {303}
    found = list(rows(app).values())
    assert {each.version for each in found} == {2}
    for visitor, path, credit in jobs:
        own = sum(each.credit == credit for each in found)
        report = visitor.get(path).text
        assert re.search(rf"<dt>Changed</dt><dd>{own}</dd>", report)
        assert (f"<dt>Not changed</dt><dd>{12 - own}</dd>" in report) is (own < 12)


def finish(admin: Visitor, path: str) -> None:
    """Press the button until all uploads are done."""
    for _ in range(100):
        if "data-run" not in admin.get(path).text:
            return
        admin.send(f"{path}/continue")
    raise AssertionError


@pytest.mark.slow
def test_a_thousand_are_changed_and_undone(app: Flask, admin: Visitor) -> None:
    facts = {"media_type": "text/csv", "checksum": "", "received_checksum": "", "size": 9}
    with app.app_context():
        for n in range(1000):
            db.session.add(Upload(key=f"{n:036}.csv", filename=f"{n}.csv", **facts))
        db.session.commit()
    path = begun(admin, [], all="1000", filter="")
    apply(admin, path, 1000, credit="Ada")
    finish(admin, path)
    assert {each.credit for each in rows(app).values()} == {"Ada"}
    undoing = undo(admin, path).location.partition("?")[0]
    finish(admin, undoing)
    assert {(each.credit, each.version) for each in rows(app).values()} == {("", 3)}


# --- Undo -------------------------------------------------------------------------------------


def undo_path(page: TestResponse) -> str:
    found = re.search(rf'action="({EDITS}[0-9a-f-]+)/undo"', page.text)
    assert found, page.text
    return found[1]


def test_an_edit_of_one_upload_is_undone(app: Flask, admin: Visitor, make: Make) -> None:
    (id_,) = make(1, alt="Old", **{"expires-at": "2030-05-06T07:08:09.123456Z"})
    page = f"{LIST}{id_}"
    admin.get(page)
    sent = {"filename": "new.png", "alt": "New", "visibility": "private", "expires-at": ""}
    admin.send(page, **sent, version="1")
    path = undo_path(admin.get(page))
    assert undo(admin, path).location == page
    assert "Undone." in admin.get(page).text
    found = rows(app)[id_]
    assert (found.filename, found.alt, found.visibility) == ("0.png", "Old", "public")
    assert found.expires_at == datetime(2030, 5, 6, 7, 8, 9, 123456, UTC)
    assert app.test_client().get(f"/media/{found.key}").status_code == 200
    # Once is enough.
    assert undo(admin, path).status_code == 400
    assert rows(app)[id_].version == 3


def test_saving_what_was_not_changed_can_not_be_undone(admin: Visitor, make: Make) -> None:
    (id_,) = make(1, alt="Old")
    admin.send(f"{LIST}{id_}", alt="Old", version="1")
    page = admin.get(f"{LIST}{id_}").text
    assert "Saved." in page
    assert "/undo" not in page


def test_several_are_undone(app: Flask, admin: Visitor, make: Make) -> None:
    first, second = make(1, alt="One"), make(1, alt="Two", visibility="private")
    path = edited(admin, first + second, alt="Both", visibility="private")
    report = undo(admin, path).location
    assert re.search(r"<dt>Changed</dt><dd>2</dd>", admin.get(report).text)
    found = rows(app)
    assert [(found[id_].alt, found[id_].visibility) for id_ in first + second] == [
        ("One", "public"),
        ("Two", "private"),
    ]
    assert "This change was undone" in admin.get(path).text
    assert "/undo" not in admin.get(report).text


def test_what_somebody_changed_since_is_not_undone(app: Flask, admin: Visitor, make: Make) -> None:
    changed, other = make(2, alt="Old")
    path = edited(admin, [changed, other], alt="New")
    assert patch(app.test_client(), changed, credit="Ada").status_code == 200
    report = undo(admin, path).location
    assert "changed meanwhile" in admin.get(report).text
    assert {id_: each.alt for id_, each in rows(app).items()} == {changed: "New", other: "Old"}


def test_what_was_refused_is_not_undone(app: Flask, admin: Visitor, make: Make) -> None:
    changed, other = make(2, alt="Old")
    path = begun(admin, [changed, other])
    # The version that the edit would have made.
    assert patch(app.test_client(), changed, alt="Theirs").status_code == 200
    apply(admin, path, 2, alt="New")
    undo(admin, path)
    assert {id_: each.alt for id_, each in rows(app).items()} == {changed: "Theirs", other: "Old"}


def test_nobody_else_sees_or_undoes_it(app: Flask, admin: Visitor, make: Make) -> None:
    path = edited(admin, make(2), alt="New")
    account(app, "Hal", "admin")
    other = Visitor(app)
    other.enter("hal@example.org")
    assert other.get(path).status_code == 404
    assert undo(other, path).status_code == 404
    assert other.send(f"{path}/continue").status_code == 404
    assert admin.post(f"{path}/undo").status_code == 403
    assert "New" not in other.get(EDITS).text
    assert {each.version for each in rows(app).values()} == {2}


def end_all(app: Flask) -> None:
    with app.app_context():
        ended = update(Edit).values(expires_at=now() - timedelta(seconds=1))
        write(db.engine, lambda execute: execute(ended))


def test_it_ends_after_an_hour(app: Flask, admin: Visitor, make: Make) -> None:
    path = edited(admin, make(2), alt="New")
    with app.app_context():
        ((ends,),) = read(db.engine, select(Edit.expires_at))
    assert timedelta(minutes=59) < ends - now() <= timedelta(hours=1)
    end_all(app)
    assert undo(admin, path).status_code == 404
    assert path not in admin.get(EDITS).text
    with app.app_context():
        remove_ended(engine=db.engine)
        assert read(db.engine, select(EditedUpload.edit_id)) == []


def test_a_bounded_number_is_kept(app: Flask, admin: Visitor, make: Make) -> None:
    (id_,) = make(1)
    for number in range(MAX_EDITS + 2):
        admin.send(f"{LIST}{id_}", alt=str(number))
    with app.app_context():
        assert len(read(db.engine, select(Edit.id))) == MAX_EDITS
    page = admin.get(EDITS).text
    assert page.partition('<ul class="lines">')[2].count("/undo") == MAX_EDITS


def test_recent_changes_name_what_was_changed(admin: Visitor, make: Make) -> None:
    assert "You changed nothing" in admin.get(EDITS).text
    ids = make(2)
    begun(admin, ids)
    assert "You changed nothing" in admin.get(EDITS).text
    edited(admin, ids, alt="New", credit="Ada")
    page = admin.get(EDITS)
    assert "Alt text, Credit" in page.text
    undo(admin, undo_path(page))
    page = admin.get(EDITS)
    assert "/undo" not in page.text


def test_edits_go_with_their_user(app: Flask, make: Make) -> None:
    account(app, "Hal", "admin")
    admin = admin_in(app)
    edited(admin, make(2), alt="New")
    with app.app_context():
        ((user_id,),) = read(db.engine, select(Edit.user_id))
        delete_user(user_id, engine=db.engine)
        assert read(db.engine, select(EditedUpload.edit_id)) == []
