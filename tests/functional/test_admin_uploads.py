"""The list of uploads for admins, one upload, and what is done with them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from open_event_uploads.accounts.user import User
from open_event_uploads.admin import upload_filters
from open_event_uploads.admin.upload_filters import read_selection
from open_event_uploads.admin.upload_page import ORDERS, read_page
from open_event_uploads.context import db
from open_event_uploads.database.types import now
from open_event_uploads.uploads.model import Upload
from tests.accounts import account, bearer
from tests.admins import Visitor, admin_in
from tests.conftest import AppFactory
from tests.documents import path_of, upload
from tests.images import picture

LIST = "/admin/uploads/"
FILES = "/admin/files/"
NOBODYS = "00000000-0000-4000-8000-000000000000"
Make = Callable[..., dict[str, Any]]


@pytest.fixture
def admin(app: Flask) -> Visitor:
    return admin_in(app)


@pytest.fixture
def make(app: Flask) -> Make:
    """Uploads a picture of the tests' own admin, and gives its resource object."""
    client = app.test_client()
    return lambda **attributes: upload(
        client, attributes.pop("content", None) or picture(), **attributes
    )


def names(visitor: Visitor, query: str = "") -> list[str]:
    response = visitor.get(f"{LIST}?{query}")
    assert response.status_code == 200, response.text
    return re.findall(r'<span class="name" title="([^"]*)"', response.text)


def row(app: Flask, id_: str) -> Upload:
    with app.app_context():
        found = db.session.scalar(select(Upload).where(Upload.id == id_))
        assert found is not None
        return found


# --- Finding ----------------------------------------------------------------------------------


def test_the_newest_stands_first_with_what_one_asks_of_it(admin: Visitor, make: Make) -> None:
    make(filename="one.png")
    made = make(filename="two.gif", content=picture("GIF", (640, 480)), alt="A ground")
    assert names(admin) == ["two.gif", "one.png"]
    page = admin.get(LIST).text
    assert re.search("640 . 480 · ", page)
    assert 'alt="A ground"' in page
    assert "just now" in page
    assert "2 uploads" in page
    thumbnail = re.search(r'<img src="([^"]+)" alt="A ground"', page)
    assert thumbnail
    assert admin.get(path_of(thumbnail[1])).status_code == 200
    assert made["id"] in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=stage", ["stage.png"]),
        ("q=sta+main", ["stage.png"]),
        ("type=image/gif", ["small.gif"]),
        ("owner=ada@example.org", ["hers.png"]),
        ("owner=Ada", ["hers.png"]),
        ("owner=nobody", []),
        ("least=2+kB", ["stage.png"]),
        ("most=2+kB&type=image/png", ["hers.png", "secret.png"]),
        ("visibility=private", ["secret.png"]),
        ("visibility=public&q=png", ["hers.png", "stage.png"]),
        ("alt=missing", ["hers.png", "secret.png", "small.gif"]),
        ("since=2099-01-01", []),
        ("until=1999-01-01", []),
        ("order=name", ["hers.png", "secret.png", "small.gif", "stage.png"]),
        ("order=largest&size=20", ["stage.png", "hers.png", "secret.png", "small.gif"]),
        ("order=oldest", ["stage.png", "small.gif", "secret.png", "hers.png"]),
    ],
)
def test_uploads_are_found(
    app: Flask, admin: Visitor, make: Make, query: str, expected: list[str]
) -> None:
    make(filename="stage.png", alt="The main stage", content=picture(size=(900, 900)))
    make(filename="small.gif", content=picture("GIF", (2, 2)))
    make(filename="secret.png", visibility="private")
    ada = account(app)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = bearer(app, ada)["Authorization"]
    upload(client, picture(size=(30, 30)), filename="hers.png")
    if "least" in query or "most" in query or "largest" in query:
        sizes = {each.filename: each.size for each in rows(app)}
        assert sizes["stage.png"] > 2000 > sizes["hers.png"] > sizes["secret.png"]
    assert names(admin, query) == expected


def rows(app: Flask) -> list[Upload]:
    with app.app_context():
        return list(db.session.scalars(select(Upload).order_by(Upload.created_at)))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("owner=Eve", "No user has"),
        ("least=much", "Write a size as"),
        ("since=yesterday", "Write a day as"),
        ("q=%21", "A search needs a letter"),
    ],
)
def test_what_cannot_be_understood_is_said(admin: Visitor, query: str, said: str) -> None:
    response = admin.get(f"{LIST}?{query}")
    assert response.status_code == 400
    assert said in response.text


@pytest.mark.parametrize(
    "query",
    [
        "least=" + "9" * 400,
        "least=-1",
        "since=0001-01-01",
        "until=9999-12-31",
        "order=nothing",
        "size=100000000000000000000000",
        "size=-1",
        "page=999999999999999999999",
        "visibility=%00",
        "type=%F0%9F%8E%89",
        "q=" + "a" * 5000,
        "owner=" + "%2C" * 500,
        "after=made-up",
        "before=" + "x" * 5000,
    ],
)
def test_nothing_that_can_be_asked_is_our_fault(admin: Visitor, query: str) -> None:
    assert admin.get(f"{LIST}?{query}").status_code in {200, 400}


def test_an_empty_list_says_what_to_do(admin: Visitor, make: Make) -> None:
    assert "There are no uploads yet" in admin.get(LIST).text
    make()
    assert "Nothing matches" in admin.get(f"{LIST}?q=nothing").text


@pytest.mark.default_stack("on PostgreSQL they are any, as its index has no order")
def test_of_what_has_common_words_the_last_are_looked_at(
    admin: Visitor, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_filters, "MAX_FOUND", 2)
    for n in range(3):
        make(filename=f"stage {n}.png")
    assert names(admin, "q=stage") == ["stage 2.png", "stage 1.png"]


# --- Pages ------------------------------------------------------------------------------------


def test_pages_lead_there_and_back_whatever_the_order(app: Flask, admin: Visitor) -> None:
    fill(app, 45)
    for order in ("newest", "oldest", "largest", "smallest", "name"):
        query, seen = f"order={order}", []
        for _ in range(3):
            page = admin.get(f"{LIST}?{query}").text
            seen.append(re.findall(r'<span class="name" title="([^"]*)"', page))
            following = re.search(r'rel="next" href="[^"?]*\?([^"]+)"', page)
            query = following[1].replace("&amp;", "&") if following else ""
        assert not query
        assert [len(each) for each in seen] == [20, 20, 5]
        assert len({name for each in seen for name in each}) == 45
        back = re.search(r'rel="prev" href="[^"?]*\?([^"]+)"', page)
        assert back
        assert names(admin, back[1].replace("&amp;", "&")) == seen[1]


@pytest.mark.default_stack("reads the plan of SQLite")
@pytest.mark.parametrize(
    "fields",
    [
        *({"order": order} for order in ORDERS),
        {"alt": "missing"},
        {"visibility": "private"},
        {"type": "image/png"},
        {"owner": NOBODYS},
    ],
    ids=str,
)
def test_a_page_is_read_from_an_index_and_nothing_is_sorted(
    app: Flask, fields: dict[str, str]
) -> None:
    fill(app, 30)
    ran: list[tuple[str, Any]] = []
    with app.app_context():
        selection = read_selection(fields, engine=db.engine)
        first = read_page(fields, (), engine=db.engine)
        event.listen(
            db.engine,
            "before_cursor_execute",
            lambda *call: ran.append((call[2], call[3])),
        )
        read_page({**fields, "after": first.after or ""}, selection.conditions, engine=db.engine)
        for statement, values in ran.copy():
            plan = db.session.connection().exec_driver_sql(
                f"EXPLAIN QUERY PLAN {statement}", values
            )
            steps = [str(each[3]) for each in plan]
            assert not any("TEMP B-TREE" in each for each in steps), (statement, steps)
            assert not any(re.fullmatch("SCAN uploads", each) for each in steps), (statement, steps)


def test_a_cursor_of_another_order_is_refused(app: Flask, admin: Visitor) -> None:
    fill(app, 30)
    page = admin.get(LIST).text
    cursor = re.search(r"after=([^&\"]+)", page)
    assert cursor
    assert admin.get(f"{LIST}?order=name&after={cursor[1]}").status_code == 400


def fill(app: Flask, count: int) -> None:
    """Rows without bytes, which a list does not need."""
    with app.app_context():
        for n in range(count):
            db.session.add(
                Upload(
                    key=f"{n:036}.png",
                    filename=f"{n % 3}-{n}.png",
                    media_type="image/png",
                    size=1000 + n // 2,
                    checksum="",
                    received_checksum="",
                    width=9,
                    height=9,
                    frames=1,
                    created_at=now() - timedelta(minutes=n // 4),
                )
            )
        db.session.commit()


# --- One upload -------------------------------------------------------------------------------


def test_details_show_every_size_with_its_address(admin: Visitor, make: Make) -> None:
    made = make(filename="one.png", content=picture(size=(1600, 1200)))
    page = admin.get(f"{LIST}{made['id']}").text
    assert re.search("1,600 . 1,200", page)
    for variant in made["relationships"]["variants"]["data"]:
        assert variant["id"].removeprefix(f"{made['id']}-") in page
    addresses = re.findall(r'data-copy="([^"]+)"', page)
    assert addresses[0] == made["attributes"]["url"]
    assert len(addresses) == 1 + len(made["relationships"]["variants"]["data"])
    for each in addresses:
        assert admin.get(path_of(each)).status_code == 200


def test_private_pictures_are_shown_to_whoever_has_the_page(admin: Visitor, make: Make) -> None:
    made = make(visibility="private", alt="Secret")
    assert admin.get(path_of(made["attributes"]["url"])).status_code == 404
    for page in (admin.get(LIST).text, admin.get(f"{LIST}{made['id']}").text):
        shown = re.search(r'<img src="([^"]+)" alt="Secret"', page)
        assert shown
        assert "/private/" in shown[1]
        assert admin.get(path_of(shown[1].replace("&amp;", "&"))).status_code == 200


def test_name_alt_and_visibility_are_edited(app: Flask, admin: Visitor, make: Make) -> None:
    made = make(filename="one.png", alt="Old")
    page = f"{LIST}{made['id']}"
    admin.get(page)
    sent = {"filename": "new/two.png", "alt": "Ça\n va", "visibility": "private"}
    assert admin.send(page, **sent, version="1").location == page
    changed = row(app, made["id"])
    assert (changed.filename, changed.alt) == ("two.png", "Ça\n va")
    assert changed.visibility == "private"
    admin.send(page, alt="")
    assert row(app, made["id"]).alt == ""
    assert row(app, made["id"]).filename == "two.png"


def test_a_lease_is_given_prolonged_and_given_up(app: Flask, admin: Visitor, make: Make) -> None:
    made = make(**{"expires-at": "2030-05-06T07:08:09.123456Z"})
    page = f"{LIST}{made['id']}"
    shown = re.search('name="expires-at" value="([^"]*)"', admin.get(page).text)
    assert shown
    # What nobody touches stays as it is, to the microsecond.
    admin.send(page, alt="x", **{"expires-at": shown[1]})
    assert row(app, made["id"]).expires_at == datetime(2030, 5, 6, 7, 8, 9, 123456, UTC)
    for written, minute in (("2031-01-02T03:04", 4), ("2031-01-02T03:05:00", 5)):
        admin.send(page, **{"expires-at": written})
        assert row(app, made["id"]).expires_at == datetime(2031, 1, 2, 3, minute, tzinfo=UTC)
    admin.send(page, alt="y")
    assert row(app, made["id"]).expires_at is not None
    admin.send(page, **{"expires-at": ""})
    assert row(app, made["id"]).expires_at is None


@pytest.mark.parametrize("written", ["2020-01-01T00:00", "soon", "9999-01-01T00:00:00"])
def test_a_lease_that_cannot_be_is_shown_again(
    app: Flask, admin: Visitor, make: Make, written: str
) -> None:
    made = make()
    response = admin.send(f"{LIST}{made['id']}", **{"expires-at": written})
    assert response.status_code == 422
    assert f'value="{written}"' in response.text
    assert row(app, made["id"]).expires_at is None


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    app: Flask, admin: Visitor, make: Make
) -> None:
    made = make(alt="Old")
    page = f"{LIST}{made['id']}"
    assert admin.send(page, alt="One", version="1").status_code == 303
    response = admin.send(page, alt="Two", version="1")
    assert response.status_code == 412
    assert ">Two</textarea>" in response.text
    assert row(app, made["id"]).alt == "One"


def test_a_text_that_is_too_long_is_shown_again(app: Flask, admin: Visitor, make: Make) -> None:
    made = make()
    response = admin.send(f"{LIST}{made['id']}", alt="a" * 2001)
    assert response.status_code == 422
    assert "2000 are allowed" in response.text
    assert row(app, made["id"]).alt == ""


def test_replacing_the_file_keeps_the_rest(app: Flask, admin: Visitor, make: Make) -> None:
    made = make(filename="one.png", alt="Kept")
    response = admin.post(
        f"{FILES}{made['id']}",
        data=picture("GIF"),
        content_type="image/gif",
        headers={"X-CSRF-Token": admin.token},
    )
    assert response.status_code == 200
    changed = row(app, made["id"])
    assert (changed.media_type, changed.filename, changed.alt) == ("image/gif", "one.png", "Kept")


# --- Files come in ----------------------------------------------------------------------------


def test_a_file_that_is_dropped_is_the_admins(app: Flask, admin: Visitor) -> None:
    response = admin.send_file(picture(), filename="Bühne (1).png", visibility="private")
    assert response.status_code == 204, response.text
    made = row(app, response.headers["Content-Location"].rpartition("/")[2])
    assert (made.filename, made.visibility) == ("Bühne (1).png", "private")
    with app.app_context():
        grace = db.session.scalar(select(User.id).where(User.name == "Grace"))
    assert made.owner_id == grace


def test_what_is_no_picture_is_refused_in_words(app: Flask, admin: Visitor) -> None:
    response = admin.send_file(b"<!doctype html>", filename="x.png")
    assert response.status_code == 422
    assert "not an image" in response.json["detail"]  # type: ignore[index]  # it has a body
    assert rows(app) == []


def test_what_an_admin_sends_is_counted(make_app: AppFactory) -> None:
    admin = admin_in(make_app(rate_limits="1/minute"))
    found = [admin.send_file(picture(), filename="x.png").status_code for _ in range(2)]
    assert found == [204, 429]


# --- Files go ---------------------------------------------------------------------------------


def test_deleting_asks_how_many_are_meant(app: Flask, admin: Visitor, make: Make) -> None:
    ids = [make(filename=f"{n}.png")["id"] for n in range(3)]
    back = f"{LIST}?order=name"
    response = admin.send(f"{LIST}delete", id=ids[:2], back=back)
    assert response.status_code == 200
    assert "Delete 2 uploads?" in response.text
    assert len(rows(app)) == 3
    # Of another number nobody was asked.
    assert admin.send(f"{LIST}delete", id=ids, confirmed="2").status_code == 200
    assert len(rows(app)) == 3
    response = admin.send(f"{LIST}delete", id=ids[:2], confirmed="2", back=back)
    assert response.location == back
    assert [each.id for each in rows(app)] == ids[2:]
    assert "Deleted 2 uploads." in admin.get(LIST).text


def test_what_is_gone_already_does_not_matter(app: Flask, admin: Visitor, make: Make) -> None:
    made = make()
    sent = {"id": [made["id"], NOBODYS], "confirmed": "2", "back": "//evil.example/"}
    assert admin.send(f"{LIST}delete", **sent).location == LIST
    assert "Deleted 1 upload." in admin.get(LIST).text
    assert rows(app) == []


def test_choosing_nothing_is_said(admin: Visitor) -> None:
    assert "Nothing was chosen" in admin.send(f"{LIST}delete").text
