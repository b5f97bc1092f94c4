"""Accounts as a resource: admins keep them, and everybody sees a name."""

import json
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from open_event_uploads.accounts.delete_user import delete_user
from open_event_uploads.accounts.token import Token
from open_event_uploads.accounts.user import User
from open_event_uploads.context import db
from open_event_uploads.errors import NotFound
from open_event_uploads.jsonapi.idempotency_key import IdempotencyKey
from open_event_uploads.uploads import create as create_upload
from open_event_uploads.uploads import operation as prepare_operation
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.reassign import reassign_uploads
from tests.accounts import PASSWORD, account, bearer, user_row
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
