"""Accounts as a resource: admins keep them, and everybody sees a name."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from open_event_uploads.accounts import user_routes
from open_event_uploads.accounts.delete_user import delete_user
from open_event_uploads.accounts.token import Token
from open_event_uploads.accounts.update_user import update_user
from open_event_uploads.accounts.user import Role, User
from open_event_uploads.context import db
from open_event_uploads.errors import NotFound
from open_event_uploads.jsonapi.idempotency_key import IdempotencyKey
from open_event_uploads.uploads import create as create_upload
from open_event_uploads.uploads import operation as prepare_operation
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.reassign import reassign_uploads
from tests.accounts import PASSWORD, account, bearer, user_row
from tests.conftest import AppFactory, Stranger
from tests.documents import COLLECTION, JSON_API, data_uri, document, only_error, path_of, post
from tests.images import picture
from tests.stored import StoredFiles

USERS = "/v1/users"
ATOMIC = f'{JSON_API};ext="https://jsonapi.org/ext/atomic"'
UNKNOWN = "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"
Headers = dict[str, str]


@pytest.fixture
def client(stranger: FlaskClient) -> FlaskClient:
    """Says nothing of who it is, unless a test does."""
    return stranger


@pytest.fixture
def admin(app: Flask) -> Headers:
    return bearer(app, account(app, "Grace", "admin"))


def make(client: FlaskClient, headers: Headers, **attributes: object) -> TestResponse:
    body = {"data": {"type": "users", "attributes": {"name": "Ada", **attributes}}}
    return client.post(USERS, data=json.dumps(body), content_type=JSON_API, headers=headers)


def change(client: FlaskClient, headers: Headers, id_: str, **attributes: object) -> TestResponse:
    body = {"data": {"type": "users", "id": id_, "attributes": attributes}}
    address = f"{USERS}/{id_}"
    return client.patch(address, data=json.dumps(body), content_type=JSON_API, headers=headers)


def sign_in(client: FlaskClient, email: str, password: str) -> int:
    body = json.dumps({"email": email, "password": password})
    return client.post("/v1/auth/session", data=body).status_code


def test_an_admin_makes_somebody_who_then_signs_in(client: FlaskClient, admin: Headers) -> None:
    response = make(client, admin, email="Ada@Example.org", password=PASSWORD)
    assert response.status_code == 201, response.text
    made: Any = response.json
    assert PASSWORD not in response.text
    assert "$argon2" not in response.text
    assert made["data"]["attributes"] == {
        "name": "Ada",
        "email": "ada@example.org",
        "role": "member",
        "active": True,
        "created-at": made["data"]["attributes"]["created-at"],
        "updated-at": made["data"]["attributes"]["updated-at"],
    }
    read = client.get(path_of(response.headers["Location"]), headers=admin)
    assert read.headers["ETag"] == response.headers["ETag"]
    assert sign_in(client, "ada@example.org", PASSWORD) == 200


def test_users_are_listed_filtered_and_sorted(
    app: Flask, client: FlaskClient, admin: Headers
) -> None:
    account(app)
    account(app, "Bob")
    names = []
    for query in ("?sort=name", "?filter[role]=admin", "?filter[email]=bob@example.org"):
        found: Any = client.get(USERS + query, headers=admin).json
        names.append([each["attributes"]["name"] for each in found["data"]])
    assert names == [["Ada", "Bob", "Grace"], ["Grace"], ["Bob"]]


def test_who_sees_what_of_a_user(app: Flask, client: FlaskClient, admin: Headers) -> None:
    ada = account(app)
    bob = bearer(app, account(app, "Bob"))
    public = {"name"}
    for headers, whole in (
        ({}, False),
        (bob, False),
        (bearer(app, ada, scopes=frozenset({"uploads:read"})), False),
        (bearer(app, ada), True),
        (admin, True),
    ):
        for query in ("", "?fields[users]=name,email"):
            found: Any = client.get(f"{USERS}/{ada}{query}", headers=headers).json
            shown = found["data"]["attributes"].keys()
            assert ("email" in shown) is whole
            assert whole or shown == public


def test_an_included_owner_is_id_and_name_alone(app: Flask, client: FlaskClient) -> None:
    ada = account(app)
    made: Any = post(client, document({"data": data_uri(picture())}), headers=bearer(app, ada))
    found: Any = client.get(f"{path_of(made.headers['Location'])}?include=owner").json
    assert found["included"][0]["attributes"] == {"name": "Ada"}


def test_null_changes_nothing_and_what_is_echoed_is_no_change(
    app: Flask, client: FlaskClient, admin: Headers
) -> None:
    ada = account(app)
    before: Any = client.get(f"{USERS}/{ada}", headers=admin).json
    nothing = dict.fromkeys([*before["data"]["attributes"], "password"])
    for attributes in (nothing, before["data"]["attributes"]):
        response = change(client, admin, ada, **attributes)
        assert response.json["data"] == before["data"]  # type: ignore[index]  # it has a body
    assert user_row(app, ada).version == 1


def test_a_user_changes(app: Flask, client: FlaskClient, admin: Headers) -> None:
    ada = account(app)
    new = "another horse, another battery"
    values = {"name": "Ada L.", "email": "L@example.org", "role": "admin", "password": new}
    response = change(client, admin, ada, **values)
    assert response.status_code == 200, response.text
    assert response.json["data"]["attributes"]["email"] == "l@example.org"  # type: ignore[index]  # it has a body
    assert sign_in(client, "l@example.org", new) == 200
    assert sign_in(client, "ada@example.org", PASSWORD) == 401
    assert user_row(app, ada).credentials_version == 2


def test_an_email_that_only_earlier_versions_allowed_may_be_sent_back(
    app: Flask, client: FlaskClient, admin: Headers
) -> None:
    ada = account(app)
    email = ".ada@exa_mple.org"
    with app.app_context():
        db.session.execute(update(User).where(User.id == ada).values(email=email))
        db.session.commit()
    response = change(client, admin, ada, email=email.upper(), name="Ada L.")
    assert response.status_code == 200, response.text
    shown = response.json["data"]["attributes"]  # type: ignore[index]  # it has a body
    assert (shown["email"], shown["name"]) == (email, "Ada L.")
    refused = change(client, admin, ada, email=".eve@exa_mple.org")
    assert refused.status_code == 422
    assert only_error(refused)["code"] == "invalid-attribute"


def test_a_write_may_name_a_version(app: Flask, client: FlaskClient, admin: Headers) -> None:
    ada = account(app)
    tag = client.get(f"{USERS}/{ada}", headers=admin).headers["ETag"]
    named = {**admin, "If-Match": tag}
    assert change(client, named, ada, name="Eve").status_code == 200
    assert change(client, named, ada, name="Ada").status_code == 412
    assert client.delete(f"{USERS}/{ada}", headers=named).status_code == 412


# --- Passwords --------------------------------------------------------------------------------

OTHER = "another horse, another battery"
CREDENTIALS: list[dict[str, object]] = [{"password": OTHER}, {"email": "eve@example.org"}]


def session_of(client: FlaskClient, name: str = "ada") -> Headers:
    body = {"email": f"{name}@example.org", "password": PASSWORD}
    found: Any = client.post("/v1/auth/session", json=body).json
    return {"Authorization": f"Bearer {found['access_token']}"}


@pytest.mark.parametrize("changes", CREDENTIALS, ids=str)
@pytest.mark.parametrize("role", ["member", "admin"])
@pytest.mark.parametrize("by_session", [True, False])
def test_users_change_what_they_sign_in_with_by_their_password(
    app: Flask, client: FlaskClient, changes: dict[str, object], role: Role, *, by_session: bool
) -> None:
    ada = account(app, role=role)
    headers = session_of(client) if by_session else bearer(app, ada)
    for sent, code in (
        ({}, "invalid-attribute"),
        ({"current-password": None}, "invalid-attribute"),
        ({"current-password": ""}, "wrong-password"),
        ({"current-password": OTHER}, "wrong-password"),
        ({"current-password": "a" * 5000}, "wrong-password"),
    ):
        response = change(client, headers, ada, **changes, **sent)
        error = only_error(response)
        assert (response.status_code, error["code"]) == (422, code)
        pointer = "/data/attributes"
        if sent:
            pointer += "/current-password"
        assert error["source"] == {"pointer": pointer}
    assert user_row(app, ada).version == 1
    response = change(client, headers, ada, **changes, **{"current-password": PASSWORD})
    assert response.status_code == 200, response.text
    assert PASSWORD not in response.text
    assert user_row(app, ada).version == 2
    # As ever, a new password ends all sessions.
    status = 401 if by_session and "password" in changes else 200
    assert client.get(f"{USERS}/{ada}", headers=headers).status_code == status


def test_no_password_is_logged(app: Flask, client: FlaskClient, log: io.StringIO) -> None:
    ada = account(app)
    for current in (PASSWORD[:-1], PASSWORD):
        sent = {"password": OTHER, "current-password": current}
        change(client, bearer(app, ada), ada, **sent)
    lines = log.getvalue()
    assert lines.count(f"/v1/users/{ada}") == 2
    assert PASSWORD[:-1] not in lines
    assert OTHER not in lines


def test_an_echoed_email_needs_no_password(app: Flask, client: FlaskClient) -> None:
    ada = account(app)
    response = change(client, session_of(client), ada, name="Ada L.", email="ADA@example.org")
    assert response.status_code == 200


@pytest.mark.parametrize("changes", CREDENTIALS, ids=str)
def test_who_has_no_password_is_given_one_by_an_admin(
    app: Flask, client: FlaskClient, admin: Headers, changes: dict[str, object]
) -> None:
    ada = account(app, password=None)
    response = change(client, bearer(app, ada), ada, **changes, **{"current-password": OTHER})
    assert (response.status_code, only_error(response)["code"]) == (403, "forbidden")
    assert change(client, admin, ada, **changes).status_code == 200


def test_guessing_the_current_password_is_limited(make_app: AppFactory) -> None:
    app = make_app(sign_in_rate_limits="3/minute")
    client, ada = Stranger(app), account(app)
    headers = bearer(app, ada)
    guesses = [
        change(client, headers, ada, password=OTHER, **{"current-password": "x"}) for _ in range(4)
    ]
    assert [each.status_code for each in guesses] == [422, 422, 422, 429]
    right = change(client, headers, ada, password=OTHER, **{"current-password": PASSWORD})
    assert right.status_code == 429
    assert user_row(app, ada).version == 1
    # Strangers count apart: they keep nobody from changing the password.
    bob = account(app, "Bob")
    for _ in range(4):
        sign_in(client, "bob@example.org", "x")
    sent = {"password": OTHER, "current-password": PASSWORD}
    assert change(client, bearer(app, bob), bob, **sent).status_code == 200


def test_a_password_that_is_changed_meanwhile_confirms_nothing(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = account(app)

    def change_first(*arguments: Any, **options: Any) -> object:  # noqa: ANN401 - its own
        update_user(ada, {"password": OTHER}, engine=db.engine)
        return update_user(*arguments, **options)

    monkeypatch.setattr(user_routes, "update_user", change_first)
    sent = {"password": "a third horse, a third battery", "current-password": PASSWORD}
    response = change(client, bearer(app, ada), ada, **sent)
    assert (response.status_code, only_error(response)["code"]) == (409, "changed-meanwhile")
    assert sign_in(client, "ada@example.org", OTHER) == 200


def test_a_new_user_needs_no_current_password(client: FlaskClient, admin: Headers) -> None:
    sent = {"email": "ada@example.org", "password": PASSWORD, "current-password": "x"}
    assert make(client, admin, **sent).status_code == 201


# --- The last admin ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [({"role": "member"}, "role"), ({"active": False}, "active"), (None, None)],
)
def test_the_last_active_admin_stays(
    app: Flask, client: FlaskClient, attributes: dict[str, object] | None, pointer: str | None
) -> None:
    grace = account(app, "Grace", "admin")
    account(app, "Off", "admin", active=False)
    headers = bearer(app, grace)

    def take_away(id_: str) -> TestResponse:
        if attributes is None:
            return client.delete(f"{USERS}/{id_}", headers=headers)
        return change(client, headers, id_, **attributes)

    response = take_away(grace)
    error = only_error(response)
    assert (response.status_code, error["code"]) == (409, "last-admin")
    assert error.get("source") == (pointer and {"pointer": f"/data/attributes/{pointer}"})
    assert user_row(app, grace).version == 1
    assert change(client, headers, grace, role="admin", active=True).status_code == 200
    bob = account(app, "Bob", "admin")
    assert take_away(bob).status_code in {200, 204}
    assert take_away(grace).status_code == 409
    account(app, "Carol", "admin")
    assert take_away(grace).status_code in {200, 204}


def test_admins_who_take_each_other_away_at_once_leave_one(app: Flask) -> None:
    admins = [account(app, f"Admin{n}", "admin") for n in range(4)]
    headers = [bearer(app, each) for each in admins]

    def take_away(way: int, by: Headers, id_: str) -> TestResponse:
        client = Stranger(app)
        if way == 0:
            return client.delete(f"{USERS}/{id_}", headers=by)
        attributes: dict[str, object] = {"role": "member"} if way == 1 else {"active": False}
        return change(client, by, id_, **attributes)

    with ThreadPoolExecutor(8) as pool:
        sent = [
            pool.submit(take_away, n % 3, headers[n % 4], admins[(n + step) % 4])
            for n in range(12)
            for step in (1, 2, 3)
        ]
    # 401 and 403: whoever sent it had been taken away before.
    assert {each.result().status_code for each in sent} <= {200, 204, 401, 403, 404, 409}
    with app.app_context():
        left = db.session.scalars(select(User.id).where(User.role == "admin", User.active)).all()
    assert len(left) == 1


# --- Refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"email": "grace@EXAMPLE.org"}, "email"),
        ({"email": "no email"}, "email"),
        ({"email": "a\0@example.org"}, "email"),
        ({"email": "a\u202e@example.org"}, "email"),
        ({"email": "\ud800@example.org"}, "email"),
        ({"email": ["a@example.org"]}, "email"),
        ({"email": f"{'a' * 65}@example.org"}, "email"),
        ({"email": f"a@{'b' * 253}"}, "email"),
        ({"role": "root"}, "role"),
        ({"role": {}}, "role"),
        ({"active": "false"}, "active"),
        ({"active": 0.5}, "active"),
        ({"active": []}, "active"),
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": 7}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "a" * 1025}, "password"),
        ({"password": 123456789012}, "password"),
    ],
    ids=str,
)
def test_a_user_that_cannot_be(
    app: Flask,
    client: FlaskClient,
    admin: Headers,
    attributes: dict[str, object],
    pointer: str,
) -> None:
    ada = account(app)
    for response in (make(client, admin, **attributes), change(client, admin, ada, **attributes)):
        error = only_error(response)
        code = "email-taken" if "grace" in str(attributes) else "invalid-attribute"
        assert (response.status_code, error["code"]) == (422, code)
        assert error["source"] == {"pointer": f"/data/attributes/{pointer}"}
    assert user_row(app, ada).version == 1


def test_a_user_without_a_name_is_none(client: FlaskClient, admin: Headers) -> None:
    assert make(client, admin, name=None).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", USERS), ("POST", USERS), ("PATCH", f"{USERS}/{{id}}"), ("DELETE", f"{USERS}/{{id}}")],
)
def test_only_admins_reach_accounts(
    app: Flask, client: FlaskClient, admin: Headers, method: str, path: str
) -> None:
    ada = account(app)
    grace = account(app, "Eve")
    limited = bearer(app, account(app, "Hal", "admin"), scopes=frozenset({"uploads:write"}))
    body = document({"name": "Eve"}, type="users", id=grace)
    for headers, status in (({}, 401), (bearer(app, ada), 403), (limited, 403)):
        response = client.open(
            path.format(id=grace), method=method, json=body, content_type=JSON_API, headers=headers
        )
        assert response.status_code == status
    assert client.delete(f"{USERS}/{UNKNOWN}", headers=admin).status_code == 404
    assert change(client, admin, UNKNOWN, name="A").status_code == 404


def test_whoever_owns_uploads_is_not_deleted(
    app: Flask, client: FlaskClient, admin: Headers
) -> None:
    ada = account(app)
    headers = {**bearer(app, ada), "Idempotency-Key": "one"}
    id_ = post(client, document({"data": data_uri(picture())}), headers=headers).json["data"]["id"]  # type: ignore[index]  # it has a body
    response = client.delete(f"{USERS}/{ada}", headers=admin)
    assert (response.status_code, only_error(response)["code"]) == (409, "user-owns-uploads")
    assert client.delete(f"{COLLECTION}/{id_}", headers=admin).status_code == 204
    assert client.delete(f"{USERS}/{ada}", headers=admin).status_code == 204
    assert client.get(COLLECTION, headers=headers).status_code == 401
    with app.app_context():
        for model in (Token, IdempotencyKey):
            assert ada not in db.session.scalars(select(model.user_id)).all()


def test_uploads_can_be_given_to_another(app: Flask, client: FlaskClient) -> None:
    ada, bob = account(app), account(app, "Bob")
    made = post(client, document({"data": data_uri(picture())}), headers=bearer(app, ada)).json
    with app.app_context():
        give = partial(delete_user, ada, reassign=reassign_uploads, engine=db.engine)
        with pytest.raises(NotFound):
            give(reassign_to=UNKNOWN)
        give(reassign_to=bob)
        upload = db.session.get(Upload, made["data"]["id"])  # type: ignore[index]  # it has a body
        assert upload is not None
        assert (upload.owner_id, upload.version) == (bob, 2)


@pytest.mark.parametrize("operation", [False, True])
def test_an_account_that_goes_while_its_file_comes_leaves_nothing(
    app: Flask,
    client: FlaskClient,
    stored_files: StoredFiles,
    monkeypatch: pytest.MonkeyPatch,
    *,
    operation: bool,
) -> None:
    ada = account(app)
    headers = bearer(app, ada)
    module = prepare_operation if operation else create_upload
    store = module.store_file

    def slow(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - store_file's own
        found = store(*arguments, **options)
        delete_user(ada, engine=db.engine)
        return found

    monkeypatch.setattr(module, "store_file", slow)
    new = document({"data": data_uri(picture())})
    if operation:
        body = json.dumps({"atomic:operations": [{"op": "add", **new}]})
        address, media_type = "/v1/operations", ATOMIC
    else:
        body, address, media_type = json.dumps(new), COLLECTION, JSON_API
    response = client.post(address, data=body, content_type=media_type, headers=headers)
    assert (response.status_code, only_error(response)["code"]) == (401, "invalid-token")
    assert stored_files() == []
