"""Requests to the pages that no browser sends."""

import pytest
from flask import Flask

from open_event_uploads.accounts.user import User
from open_event_uploads.context import db
from tests.accounts import PASSWORD
from tests.admins import EMAIL, FORM, Visitor, admin_in


@pytest.fixture
def admin(app: Flask) -> Visitor:
    return admin_in(app)


def test_head_writes_nothing(app: Flask, admin: Visitor) -> None:
    body = "name=evil&email=evil%40x.org&role=admin&password=aaaaaaaaaaaaaaaa&active=on"
    paths = ("/admin/users/new", "/admin/tokens/", "/admin/presets/new", "/admin/sign-in")
    for path in paths:
        assert admin.head(path, data=body, content_type=FORM).status_code in {200, 303}, path
    with app.app_context():
        assert db.session.query(User).filter_by(name="evil").count() == 0
        user_id = db.session.query(User).filter_by(email=EMAIL).one().id
    assert admin.head(f"/admin/users/{user_id}").status_code == 200


def test_head_signs_nobody_in(app: Flask) -> None:
    visitor = Visitor(app)
    response = visitor.head(
        "/admin/sign-in", data={"email": EMAIL, "password": PASSWORD}, content_type=FORM
    )
    assert response.status_code == 200
    assert visitor.get("/admin/").status_code == 303


@pytest.mark.parametrize(
    "query", ["endpoint=x", "_method=POST", "_scheme=https", "_external=1", "_anchor=a"]
)
def test_what_the_list_does_not_know_is_no_part_of_its_addresses(
    admin: Visitor, query: str
) -> None:
    response = admin.get(f"/admin/uploads/?{query}")
    assert response.status_code == 200
    main = response.text.partition("<main")[2].partition("</main>")[0]
    assert query.partition("=")[0] not in main


@pytest.mark.parametrize("days", ["000000365999999999", "0000036500", "3651", "0", "x", "١"])  # noqa: RUF001 - a digit
def test_a_token_lasts_a_number_of_days(admin: Visitor, days: str) -> None:
    admin.get("/admin/tokens/")
    assert admin.send("/admin/tokens/", user=EMAIL, days=days).status_code == 422


def test_a_version_of_many_digits_is_none(app: Flask, admin: Visitor) -> None:
    with app.app_context():
        user_id = db.session.query(User).filter_by(email=EMAIL).one().id
    path = f"/admin/users/{user_id}"
    admin.get(path)
    facts = {"name": "Grace", "email": EMAIL, "role": "admin", "active": "on"}
    assert admin.send(path, **facts, version="1" * 5000).status_code == 303


def test_a_long_search_is_cut(admin: Visitor) -> None:
    assert admin.get("/admin/users/?q=" + "a" * 50_001).status_code == 200


def test_an_account_without_an_email_can_be_saved(app: Flask, admin: Visitor) -> None:
    admin.get("/admin/users/new")
    made = admin.send("/admin/users/new", name="Robot", email="", role="member", active="on")
    assert made.status_code == 303
    path = made.headers["Location"]
    admin.get(path)
    assert admin.send(path, name="Robot 2", email="", role="member").status_code == 303
    with app.app_context():
        robot = db.session.query(User).filter_by(name="Robot 2").one()
        assert (robot.email, robot.active) == (None, False)
