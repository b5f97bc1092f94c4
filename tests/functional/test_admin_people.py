"""Users, tokens and presets on the pages for admins."""

import html
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from open_event_uploads.accounts import create_token
from open_event_uploads.accounts.token import Token
from open_event_uploads.accounts.update_user import update_user
from open_event_uploads.accounts.user import User
from open_event_uploads.admin import users
from open_event_uploads.context import db
from open_event_uploads.variants.model import SavedPreset
from open_event_uploads.variants.preset_cache import current_presets
from tests.accounts import PASSWORD, account, bearer, user_row
from tests.admins import Visitor, admin_in
from tests.conftest import Stranger
from tests.documents import JSON_API, upload
from tests.images import picture

OTHER = "another horse, another battery"


@pytest.fixture
def admin(app: Flask) -> Visitor:
    return admin_in(app)


def count(app: Flask, model: type[Any]) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


# --- Users ------------------------------------------------------------------------------------


def test_everybody_is_listed_and_found_by_how_they_begin(app: Flask, admin: Visitor) -> None:
    account(app, "Ada")
    account(app, "Bob", active=False)
    page = admin.get("/admin/users/").text
    assert re.findall('class="name"[^>]*>([^<]+)<', page) == ["Bob", "Ada", "Grace"]
    assert "Disabled" in page
    for text in ("AD", "ada@"):
        found = admin.get(f"/admin/users/?q={text}").text
        assert re.findall('class="name"[^>]*>([^<]+)<', found) == ["Ada"]
    assert "No user matches" in admin.get("/admin/users/?q=%25").text


def test_a_long_list_has_pages(app: Flask, admin: Visitor) -> None:
    with app.app_context():
        db.session.add_all(User(name=f"User {n}") for n in range(60))
        db.session.commit()
    first = admin.get("/admin/users/").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = admin.get(html.unescape(following[1])).text
    assert len(re.findall('class="name"', first)) == 50
    assert len(re.findall('class="name"', second)) == 11


def test_an_account_is_made_changed_and_deleted(app: Flask, admin: Visitor) -> None:
    sent = {"name": "Ada", "email": "Ada@Example.org", "role": "member", "active": "on"}
    response = admin.send("/admin/users/new", **sent, password=OTHER)
    page = response.location
    ada = page.rpartition("/")[2]
    assert user_row(app, ada).email == "ada@example.org"
    version = user_row(app, ada).credentials_version
    # An empty password keeps the one there is.
    admin.send(page, **{**sent, "name": "Ada L."}, version="1", password="")
    changed = user_row(app, ada)
    assert (changed.name, changed.credentials_version) == ("Ada L.", version)
    admin.send(page, **{**sent, "role": "admin", "active": []})
    changed = user_row(app, ada)
    assert (changed.role, changed.active) == ("admin", False)
    assert changed.credentials_version > version
    assert admin.send(f"{page}/delete").location == "/admin/users/"
    assert count(app, User) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "A name has"),
        ({"email": "nobody"}, "not an email"),
        ({"email": "grace@example.org"}, "Another user has this email"),
        ({"password": "short"}, "12 to 1024"),
        ({"role": "queen"}, "role"),
    ],
)
def test_what_an_account_cannot_be_is_said_beside_what_was_written(
    app: Flask, admin: Visitor, wrong: dict[str, str], said: str
) -> None:
    sent = {"name": "Kept", "email": "ada@example.org", "role": "member", "password": OTHER}
    response = admin.send("/admin/users/new", **{**sent, **wrong})
    assert response.status_code == 422
    assert said in response.text
    assert OTHER not in response.text
    assert count(app, User) == 1


def test_whoever_owns_uploads_leaves_them_to_somebody(app: Flask, admin: Visitor) -> None:
    ada, page = account(app), "/admin/users/"
    client = Stranger(app)
    client.sign_in(bearer(app, ada))
    made = upload(client, picture())
    assert "New owner of the uploads" in admin.get(f"{page}{ada}").text
    assert admin.send(f"{page}{ada}/delete").status_code == 409
    assert admin.send(f"{page}{ada}/delete", heir="nobody@example.org").status_code == 404
    assert admin.send(f"{page}{ada}/delete", heir="grace@example.org").status_code == 303
    assert ">Grace</a>" in admin.get(f"/admin/uploads/{made['id']}").text


def test_nobody_shuts_themselves_out(app: Flask, admin: Visitor) -> None:
    with app.app_context():
        grace = db.session.scalars(select(User.id)).one()
    sent = {"name": "Grace", "email": "grace@example.org", "active": "on"}
    for change in ({"role": "member"}, {"role": "admin", "active": []}):
        assert admin.send(f"/admin/users/{grace}", **{**sent, **change}).status_code == 403
    assert admin.send(f"/admin/users/{grace}/delete").status_code == 403
    assert admin.get("/admin/").status_code == 200


def test_another_password_ends_ones_own_session_too(app: Flask, admin: Visitor) -> None:
    with app.app_context():
        grace = db.session.scalars(select(User.id)).one()
    page = f"/admin/users/{grace}"
    sent = {"name": "Grace", "email": "grace@example.org", "role": "admin", "active": "on"}
    sent["current_password"] = PASSWORD
    assert admin.send(page, **sent, password=OTHER).status_code == 303
    assert admin.get("/admin/").status_code == 303
    assert admin.enter(password=OTHER).status_code == 303


def test_ones_own_password_and_email_need_the_current_password(app: Flask, admin: Visitor) -> None:
    with app.app_context():
        grace = db.session.scalars(select(User.id)).one()
    page, before = f"/admin/users/{grace}", user_row(app, grace)
    assert "Current password" in admin.get(page).text
    sent = {"name": "Grace", "email": "grace@example.org", "role": "admin", "active": "on"}
    for changes in ({"password": OTHER}, {"email": "g@example.org"}, {"email": ""}):
        for current in ("", OTHER):
            response = admin.send(page, **{**sent, **changes, "current_password": current})
            assert response.status_code == 422
            assert "urrent password" in response.text
            assert OTHER not in response.text
    after = user_row(app, grace)
    assert (after.password_hash, after.email) == (before.password_hash, before.email)
    assert admin.send(page, **{**sent, "name": "Grace H."}).status_code == 303
    # Those of others need none.
    ada = account(app)
    other = f"/admin/users/{ada}"
    assert "Current password" not in admin.get(other).text
    sent = {"name": "Ada", "email": "a@example.org", "role": "member", "active": "on"}
    assert admin.send(other, **sent, password=OTHER).status_code == 303


def test_an_admin_who_is_disabled_meanwhile_does_not_leave_none(
    app: Flask, admin: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two admins who disable each other at once."""
    bob = account(app, "Bob", "admin")
    with app.app_context():
        grace = db.session.scalars(select(User.id).where(User.name == "Grace")).one()

    def disable_grace_first(*arguments: Any, **options: Any) -> object:  # noqa: ANN401 - its own
        update_user(grace, {"active": False}, engine=db.engine)
        return update_user(*arguments, **options)

    monkeypatch.setattr(users, "update_user", disable_grace_first)
    sent = {"name": "Bob", "email": "bob@example.org", "role": "admin"}
    response = admin.send(f"/admin/users/{bob}", **sent)
    assert response.status_code == 409
    assert "last active admin" in response.text
    assert user_row(app, bob).active


# --- Tokens -----------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_works_until_it_is_revoked(app: Flask, admin: Visitor) -> None:
    account(app)
    sent = {"user": "ada@example.org", "name": "Import", "days": "30", "scope": ["uploads:read"]}
    made = admin.send("/admin/tokens/", **sent)
    secret = re.search(r'class="secret">(oeu_[^<]+)<', made.text)
    assert secret
    assert made.headers["Cache-Control"] == "no-store"
    listed = admin.get("/admin/tokens/").text
    assert secret[1] not in listed
    assert "Import" in listed
    assert "uploads:read" in listed
    client = Stranger(app)
    client.sign_in({"Authorization": f"Bearer {secret[1]}"})
    assert client.get("/v1/uploads").status_code == 200
    assert client.get("/v1/tokens").status_code == 403
    revoke = re.search(r'action="(/admin/tokens/[^"]+/revoke)"', listed)
    assert revoke
    assert admin.send(revoke[1]).status_code == 303
    assert client.get("/v1/uploads").status_code == 401


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"user": "nobody@example.org"}, 422),
        ({"user": ""}, 422),
        ({"days": "0"}, 422),
        ({"days": "9" * 5000}, 422),
        ({"days": "many"}, 422),
        ({"scope": ["everything"]}, 422),
        ({"name": "a" * 201}, 422),
    ],
)
def test_a_token_that_cannot_be_is_not_made(
    app: Flask, admin: Visitor, wrong: dict[str, object], status: int
) -> None:
    sent = {"user": "grace@example.org", "name": "", "days": ""}
    response = admin.send("/admin/tokens/", **{**sent, **wrong})
    assert response.status_code == status
    assert 'role="alert"' in response.text
    assert count(app, Token) == 0


def test_a_token_goes_with_the_one_that_created_it(app: Flask, admin: Visitor) -> None:
    headers = bearer(app, account(app))
    sent = {"data": {"type": "tokens"}}
    Stranger(app).post("/v1/tokens", json=sent, content_type=JSON_API, headers=headers)
    listed = admin.get("/admin/tokens/").text
    assert listed.count("Created by another token") == 1
    parent = re.findall(r'action="(/admin/tokens/[^"]+/revoke)"', listed)[-1]
    admin.send(parent)
    assert "The token was revoked, and 1 that it created." in admin.get("/admin/tokens/").text
    assert count(app, Token) == 0


def test_a_token_too_many_is_refused_on_the_page(
    app: Flask, admin: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(create_token, "MAX_TOKENS", 1)
    sent = {"user": "grace@example.org", "name": "", "days": ""}
    assert admin.send("/admin/tokens/", **sent).status_code == 200
    response = admin.send("/admin/tokens/", **sent)
    assert response.status_code == 403
    assert "revoke one first" in response.text
    assert count(app, Token) == 1


def test_tokens_of_one_user_are_listed_apart(app: Flask, admin: Visitor) -> None:
    ada = account(app)
    bearer(app, ada, name="Hers")
    with app.app_context():
        grace = db.session.scalars(select(User.id).where(User.name == "Grace")).one()
    bearer(app, grace, name="Mine")
    page = admin.get(f"/admin/tokens/?user={ada}").text
    assert "Hers" in page
    assert "Mine" not in page


# --- Presets ----------------------------------------------------------------------------------

BOX = {"name": "hero", "width": "90", "height": "30", "fit": "cover", "encoding": "jpeg"}


def test_a_preset_is_made_changed_and_deleted(app: Flask, admin: Visitor) -> None:
    admin.send("/admin/presets/new", **BOX, quality="70", focal_x="0.25", focal_y="1")
    with app.app_context():
        saved = db.session.scalars(select(SavedPreset).where(SavedPreset.name == "hero")).one()
        assert (saved.width, saved.focal_x, saved.quality) == (90, 0.25, 70)
        assert "hero" in {each.name for each in current_presets()}
    page = f"/admin/presets/{saved.id}"
    assert "hero" in admin.get(page).text
    admin.send(page, **{**BOX, "width": "120"}, version="1")
    assert admin.send(page, **BOX, version="1").status_code == 412
    assert "120 " in admin.get("/admin/presets/").text
    admin.send(f"{page}/delete")
    assert "hero" not in admin.get("/admin/presets/").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "No Name"},
        {"name": "icon"},
        {"width": "", "height": ""},
        {"width": "0"},
        {"width": "many"},
        {"height": "9" * 5000},
        {"fit": "tight"},
        {"encoding": "bmp"},
        {"quality": "101"},
        {"focal_x": "nan"},
        {"focal_y": "inf"},
    ],
    ids=str,
)
def test_a_preset_that_makes_no_sense_is_not_made(
    app: Flask, admin: Visitor, wrong: dict[str, str]
) -> None:
    upload(app.test_client(), picture())
    before = count(app, SavedPreset)
    response = admin.send("/admin/presets/new", **{**BOX, **wrong})
    assert response.status_code == 422
    assert 'role="alert"' in response.text
    assert count(app, SavedPreset) == before
    if "name" not in wrong:
        assert admin.get("/admin/presets/preview", query_string={**BOX, **wrong}).status_code == 422


def test_the_preview_is_what_the_preset_makes(app: Flask, admin: Visitor) -> None:
    assert admin.get("/admin/presets/preview", query_string=BOX).status_code == 404
    upload(app.test_client(), picture(size=(300, 300)))
    response = admin.get("/admin/presets/preview", query_string=BOX)
    assert response.mimetype == "image/jpeg"
    assert response.data.startswith(b"\xff\xd8")
    assert response.headers["Cache-Control"] == "no-store"
