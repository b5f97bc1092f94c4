"""The pages for admins let admins in, and nobody else."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from open_event_uploads.accounts.revoke_session import revoke_session
from open_event_uploads.accounts.revoked_session import RevokedSession
from open_event_uploads.accounts.update_user import update_user
from open_event_uploads.admin.device_cookie import set_device_cookie
from open_event_uploads.context import db
from open_event_uploads.database.read import read
from open_event_uploads.database.types import new_id, now
from open_event_uploads.server.routes import policies_of
from tests.accounts import PASSWORD, account, admin_headers
from tests.admins import FORM, Visitor, admin_in
from tests.conftest import AppFactory

NOBODYS = "00000000-0000-4000-8000-000000000000"
OPEN = {
    "GET admin.static",
    "GET admin.sign_in",
    "POST admin.sign_in",
    "POST admin.sign_out",
    "POST admin.choose_language",
}


def is_page(app: Flask, endpoint: str) -> bool:
    return any(each.has_own_guard for each in policies_of(app, endpoint).values())


def pages(app: Flask) -> Iterator[tuple[str, str, str]]:
    """What each route of the pages is called, its method and an address of it."""
    for rule in app.url_map.iter_rules():
        if is_page(app, rule.endpoint):
            path = re.sub("<[^>]+>", NOBODYS, rule.rule)
            answers_get = "GET" in (rule.methods or set())
            for method in (rule.methods or set()) - {"OPTIONS", *(["HEAD"] if answers_get else [])}:
                yield f"{method} {rule.endpoint}", method, path


def member_in(app: Flask) -> Visitor:
    """Make a member with a cookie as admins have it, which signing in gives to no member."""
    visitor = Visitor(app)
    account(app, "Eve", "admin")
    visitor.enter("eve@example.org")
    with visitor.session_transaction(path="/admin/") as session:
        session["user"] = account(app, "Bob")
    visitor.get("/admin/")
    return visitor


def test_everything_below_admin_is_such_a_page_and_nothing_else_is(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert is_page(app, rule.endpoint) == f"{rule.rule}/".startswith("/admin/"), rule


def test_a_stranger_is_shown_the_way_in_and_writes_nothing(app: Flask) -> None:
    for name, method, path in pages(app):
        stranger = Visitor(app)
        stranger.get("/admin/sign-in")  # so that it has a token
        if name in OPEN:
            continue
        if method == "GET":
            response = stranger.get(path)
            assert response.status_code == 303, name
            assert response.location.startswith("/admin/sign-in?next="), name
        else:
            sent = {"csrf_token": stranger.token} if method == "POST" else None
            response = stranger.open(path, method=method, data=sent, headers=stranger.signed)
            assert response.status_code == 403, name


def test_a_member_is_refused_everywhere(app: Flask) -> None:
    member = member_in(app)
    for name, method, path in pages(app):
        if name not in OPEN:
            sent = {"csrf_token": member.token} if method == "POST" else None
            response = member.open(path, method=method, data=sent, headers=member.signed)
            assert response.status_code == 403, name


def test_an_admin_is_let_in_everywhere(app: Flask) -> None:
    admin = admin_in(app)
    for name, method, path in pages(app):
        if name not in OPEN:
            sent = {"X-CSRF-Token": admin.token} if method != "GET" else None
            response = admin.open(path, method=method, headers=sent)
            # Of what they name nothing is there, or it makes no sense: they may ask all the same.
            assert response.status_code in {200, 303, 400, 404, 411, 412, 415, 422}, (
                name,
                response,
            )


def test_nothing_is_written_without_the_token_of_a_page(app: Flask) -> None:
    admin = admin_in(app)
    for name, method, path in pages(app):
        if method != "GET":
            for token in ("", "made-up", None):
                sent = {} if token is None else {"csrf_token": token}
                response = admin.open(path, method=method, data=sent, content_type=FORM)
                assert response.status_code == 403, name
                headers = {"X-CSRF-Token": token or ""}
                response = admin.open(path, method=method, data=b"x", headers=headers)
                assert response.status_code == 403, name
    assert admin.get("/admin/").status_code == 200


def test_the_token_of_another_session_is_none(app: Flask) -> None:
    admin, stranger = admin_in(app), Visitor(app)
    stranger.get("/admin/sign-in")
    assert admin.post("/admin/sign-out", data={"csrf_token": stranger.token}).status_code == 403


def test_the_token_of_the_api_opens_no_page(app: Flask) -> None:
    response = Visitor(app).get("/admin/", headers=admin_headers(app))
    assert response.status_code == 303


def test_the_password_of_a_proxy_keeps_nobody_out(app: Flask) -> None:
    assert admin_in(app).get("/admin/", headers={"Authorization": "Basic eDp5"}).status_code == 200


# --- Signing in -------------------------------------------------------------------------------


def test_after_signing_in_one_is_where_one_wanted_to_go(app: Flask) -> None:
    account(app, "Grace", "admin")
    visitor = Visitor(app)
    wanted = visitor.get("/admin/nothing?x=1").location
    assert visitor.enter(query=wanted.partition("/sign-in")[2]).location == "/admin/nothing?x=1"


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example/", "https://evil.example/admin/", "/admin/\\evil", "/v1", "\n"]
)
def test_signing_in_leads_nowhere_else(app: Flask, elsewhere: str) -> None:
    account(app, "Grace", "admin")
    visitor = Visitor(app)
    visitor.get("/admin/sign-in")
    response = visitor.post(
        "/admin/sign-in",
        query_string={"next": elsewhere},
        data={
            "csrf_token": visitor.token,
            "email": "grace@example.org",
            "password": PASSWORD,
        },
    )
    assert response.location == "/admin/"


def test_wrong_and_unknown_are_answered_alike_and_members_are_told(app: Flask) -> None:
    account(app, "Grace", "admin")
    account(app, "Bob")
    wrong = Visitor(app).enter(password="x")  # noqa: S106 - the wrong one
    unknown = Visitor(app).enter("nobody@example.org")
    assert wrong.status_code == unknown.status_code == 401
    assert "Email or password is wrong." in wrong.text
    assert "Email or password is wrong." in unknown.text
    visitor = Visitor(app)
    member = visitor.enter("bob@example.org")
    assert member.status_code == 403
    assert "Only admins" in member.text
    assert visitor.get("/admin/").status_code == 303


def test_attempts_to_sign_in_are_counted_with_those_of_the_api(make_app: AppFactory) -> None:
    app = make_app(sign_in_rate_limits="3/minute")
    account(app, "Grace", "admin")
    visitor = Visitor(app)
    body = {"email": "grace@example.org", "password": "x"}
    assert visitor.post("/v1/auth/session", json=body).status_code == 401
    found = [visitor.enter(password="x").status_code for _ in range(3)]  # noqa: S106 - the wrong one
    assert found == [401, 401, 429]
    response = visitor.enter()
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) <= 60


DEVICE = "uploads_device"


def test_strangers_do_not_lock_out_the_browser_of_an_admin(make_app: AppFactory) -> None:
    app = make_app(sign_in_rate_limits="3/day")
    account(app, "Hal", "admin")
    admin, stranger = admin_in(app), Visitor(app)
    found = [stranger.enter(password="x").status_code for _ in range(3)]  # noqa: S106 - the wrong one
    assert found == [401, 401, 429]
    assert stranger.enter().status_code == 429
    admin.send("/admin/sign-out")
    for _ in range(4):
        assert admin.enter().status_code == 303
    # It is of one email, and has a number of attempts, too.
    assert admin.enter("hal@example.org").status_code == 429
    found = [admin.enter(password="x").status_code for _ in range(4)]  # noqa: S106 - the wrong one
    assert found == [401, 401, 401, 429]


def test_the_cookie_of_a_browser_is_set_by_signing_in_alone(app: Flask) -> None:
    account(app, "Grace", "admin")
    account(app, "Bob")
    visitor = Visitor(app)
    for email, password in (("grace@example.org", "x"), ("bob@example.org", PASSWORD)):
        visitor.enter(email, password)
        assert visitor.get_cookie(DEVICE, path="/admin/sign-in") is None
    visitor.enter()
    assert visitor.get_cookie(DEVICE, path="/admin/sign-in")


@pytest.mark.parametrize("public", ["http://127.0.0.1:8000", "https://media.example/up"])
def test_the_cookie_of_a_browser_is_sent_to_the_sign_in_page_alone(
    make_app: AppFactory, public: str
) -> None:
    app = make_app(public_url=public)
    with app.test_request_context():
        response = app.response_class()
        set_device_cookie(response, "grace@example.org")
    parts = set(response.headers["Set-Cookie"].split("; ")[1:])
    assert {"HttpOnly", "SameSite=Strict", f"Max-Age={180 * 86400}"} <= parts
    assert f"Path={'/up' if public.endswith('up') else ''}/admin/sign-in" in parts
    assert ("Secure" in parts) == public.startswith("https")


# --- What ends a session ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [{"password": "another horse, another battery"}, {"active": False}, {"role": "member"}],
    ids=str,
)
def test_a_session_from_before_is_over(app: Flask, change: dict[str, object]) -> None:
    user = account(app, "Bob", "admin")
    account(app, "Grace", "admin")
    visitor = Visitor(app)
    visitor.enter("bob@example.org")
    assert visitor.get("/admin/").status_code == 200
    with app.app_context():
        update_user(user, change, engine=db.engine)
    assert visitor.get("/admin/").status_code == 303
    assert visitor.send("/admin/").status_code in {403, 405}
    with app.app_context():
        update_user(user, {"active": True, "role": "admin"}, engine=db.engine)
    assert visitor.get("/admin/").status_code == 303


def test_a_session_of_a_deleted_user_is_over(app: Flask) -> None:
    user = account(app, "Bob", "admin")
    visitor = Visitor(app)
    visitor.enter("bob@example.org")
    assert admin_in(app).send(f"/admin/users/{user}/delete").status_code == 303
    assert visitor.get("/admin/").status_code == 303


def copy_of(visitor: Visitor, app: Flask) -> Visitor:
    """Make a browser with the cookies that another one has now."""
    copy = Visitor(app)
    cookie = visitor.get_cookie("uploads_admin", path="/admin")
    assert cookie
    copy.set_cookie("uploads_admin", cookie.value, path="/admin")
    return copy


def test_signing_out_ends_it_and_every_copy(make_app: AppFactory) -> None:
    app = make_app()
    admin, elsewhere = admin_in(app), Visitor(app)
    elsewhere.enter()
    # As two workers of a server have it: what they share is the database.
    copies = [copy_of(admin, each) for each in (app, make_app())]
    assert [each.get("/admin/").status_code for each in copies] == [200, 200]
    assert admin.send("/admin/sign-out").location == "/admin/sign-in"
    for each in (admin, *copies):
        assert each.get("/admin/").status_code == 303
        assert each.send("/admin/users/new", name="Eve").status_code == 403
    assert copies[0].send("/admin/sign-out").status_code == 303
    # Other browsers of the same admin go on.
    assert elsewhere.get("/admin/").status_code == 200


def test_signing_in_again_ends_the_session_from_before(app: Flask) -> None:
    admin = admin_in(app)
    copy = copy_of(admin, app)
    assert admin.enter().status_code == 303
    assert admin.get("/admin/").status_code == 200
    assert copy.get("/admin/").status_code == 303


def test_a_session_of_an_earlier_version_is_over(app: Flask) -> None:
    admin = admin_in(app)
    with admin.session_transaction(path="/admin/") as session:
        del session["id"]
    assert admin.get("/admin/").status_code == 303
    assert admin.send("/admin/sign-out").status_code == 303
    assert admin.enter().status_code == 303
    assert admin.get("/admin/").status_code == 200


def test_what_is_revoked_is_forgotten_when_it_has_expired(app: Flask) -> None:
    with app.app_context():
        for expires_at in (now() - timedelta(seconds=1), now() + timedelta(hours=1)):
            revoke_session(new_id(), expires_at, engine=db.engine)
            revoke_session(NOBODYS, now() - timedelta(hours=1), engine=db.engine)
        assert len(read(db.engine, select(RevokedSession.id))) == 2


def test_it_ends_by_itself(app: Flask) -> None:
    admin = admin_in(app)
    with admin.session_transaction(path="/admin/") as session:
        assert session["ends"] > now().timestamp() + 3600
        session["ends"] = now().timestamp() - 1
    assert admin.get("/admin/").status_code == 303


# --- What a browser is told -------------------------------------------------------------------


@pytest.mark.parametrize("public", ["http://127.0.0.1:8000", "https://media.example/up"])
def test_the_cookie_is_kept_from_everything_else(make_app: AppFactory, public: str) -> None:
    response = Visitor(make_app(public_url=public)).get("/admin/sign-in")
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert ("Secure" in cookie) == public.startswith("https")
    assert f"Path={'/up' if public.endswith('up') else ''}/admin" in cookie


def test_addresses_stand_below_the_public_one(make_app: AppFactory) -> None:
    app = make_app(public_url="https://media.example/up")
    text = Visitor(app).get("/admin/sign-in", base_url="https://media.example").text
    assert re.findall(r'(?:href|src)="(/[^"]*)"', text)
    assert all(each.startswith("/up/admin/") for each in re.findall(r'="(/[^"]*)"', text))


def test_no_script_and_no_style_stands_in_a_page_and_no_cache_keeps_it(app: Flask) -> None:
    admin = admin_in(app)
    response = admin.get("/admin/")
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert {*response.vary} == {"Accept-Language", "Cookie"}


def test_what_is_not_there_is_a_page_too(app: Flask) -> None:
    response = admin_in(app).get("/admin/nothing")
    assert response.status_code == 404
    assert response.mimetype == "text/html"
    assert "There is no such page." in response.text


def test_the_address_without_a_slash_works(app: Flask) -> None:
    assert admin_in(app).get("/admin").status_code == 200
