"""Long-lived tokens: shown once, limited, in use, and revoked."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from open_event_uploads.accounts import record_use
from open_event_uploads.accounts.token import PREFIX, SCOPES, USE_KNOWN_TO, Token, digest
from open_event_uploads.accounts.update_user import update_user
from open_event_uploads.context import db
from open_event_uploads.database.types import now
from tests.accounts import account, bearer
from tests.documents import COLLECTION, JSON_API, data_uri, document, only_error, path_of, post
from tests.images import picture

TOKENS = "/v1/tokens"
Headers = dict[str, str]


@pytest.fixture
def client(stranger: FlaskClient) -> FlaskClient:
    """Says nothing of who it is, unless a test does."""
    return stranger


@pytest.fixture
def admin(app: Flask) -> Headers:
    return bearer(app, account(app, "Grace", "admin"))


def make(client: FlaskClient, headers: Headers, **attributes: object) -> TestResponse:
    body = {"data": {"type": "tokens", "attributes": attributes}}
    return client.post(TOKENS, data=json.dumps(body), content_type=JSON_API, headers=headers)


def header_of(response: TestResponse) -> Headers:
    assert response.status_code == 201, response.text
    return {"Authorization": f"Bearer {response.json['meta']['token']}"}  # type: ignore[index]  # it has a body


def only_token(app: Flask, id_: str) -> Token:
    with app.app_context():
        found = db.session.get(Token, id_)
        assert found is not None
        return found


def test_a_token_says_whose_an_upload_is(app: Flask, client: FlaskClient) -> None:
    ada = account(app)
    for scheme in ("Bearer", "JWT"):
        secret = bearer(app, ada)["Authorization"].partition(" ")[2]
        headers = {"Authorization": f"{scheme} {secret}"}
        made = post(client, document({"data": data_uri(picture())}), headers=headers).json
        assert made["data"]["relationships"]["owner"]["data"]["id"] == ada  # type: ignore[index]  # it has a body


def test_a_token_is_shown_once_and_kept_as_a_digest(
    app: Flask, client: FlaskClient, admin: Headers
) -> None:
    response = make(client, admin, name="Backup")
    body: Any = response.json
    secret, id_ = body["meta"]["token"], body["data"]["id"]
    assert secret.startswith("oeu_")
    assert len(secret) == len("oeu_") + 43
    assert only_token(app, id_).token_hash == digest(secret)
    address = path_of(response.headers["Location"])
    for again in (client.get(address, headers=admin), client.get(TOKENS, headers=admin)):
        assert again.status_code == 200
        assert secret not in again.text
        assert digest(secret) not in again.text
    assert client.get(COLLECTION, headers=header_of(response)).status_code == 200
    assert body["data"]["attributes"] == {
        "name": "Backup",
        "scopes": None,
        "expires-at": None,
        "created-at": body["data"]["attributes"]["created-at"],
        "last-used-at": None,
    }


def test_what_answers_with_a_secret_is_not_kept_for_a_retry(
    client: FlaskClient, admin: Headers
) -> None:
    again = {**admin, "Idempotency-Key": "one"}
    first, second = make(client, again), make(client, again)
    assert header_of(first) != header_of(second)


def test_a_revoked_token_is_nobodys(client: FlaskClient, admin: Headers) -> None:
    made = make(client, admin)
    address = path_of(made.headers["Location"])
    assert client.delete(address, headers=admin).status_code == 204
    assert client.get(COLLECTION, headers=header_of(made)).status_code == 401
    assert client.get(address, headers=admin).status_code == 404
    assert client.delete(address, headers=admin).status_code == 404


def test_a_token_ends_when_it_said(app: Flask, client: FlaskClient, admin: Headers) -> None:
    later = (now() + timedelta(days=1)).isoformat()
    made = make(client, admin, **{"expires-at": later})
    assert client.get(COLLECTION, headers=header_of(made)).status_code == 200
    with app.app_context():
        db.session.execute(
            update(Token)
            .where(Token.id == made.json["data"]["id"])  # type: ignore[index]  # it has a body
            .values(expires_at=now())
        )
        db.session.commit()
    assert client.get(COLLECTION, headers=header_of(made)).status_code == 401


def test_a_token_of_a_disabled_user_has_no_effect_until_the_user_is_back(
    app: Flask, client: FlaskClient
) -> None:
    ada = account(app)
    headers = bearer(app, ada)
    for active, status in ((False, 401), (True, 200)):
        with app.app_context():
            update_user(ada, {"active": active}, engine=db.engine)
        assert client.get(COLLECTION, headers=headers).status_code == status


def test_a_token_is_limited_to_its_scopes(client: FlaskClient, admin: Headers) -> None:
    limited = header_of(make(client, admin, scopes=["tokens:read", "tokens:write"]))
    assert client.get(TOKENS, headers=limited).status_code == 200
    assert only_error(client.get("/v1/users", headers=limited))["code"] == "forbidden"
    wider = make(client, limited, scopes=["tokens:read", "users:write"])
    assert only_error(wider)["source"] == {"pointer": "/data/attributes/scopes"}
    inherited = make(client, limited).json
    assert inherited["data"]["attributes"]["scopes"] == ["tokens:read", "tokens:write"]  # type: ignore[index]  # it has a body
    reads = header_of(make(client, limited, scopes=["tokens:read"]))
    assert make(client, reads).status_code == 403


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"scopes": [1]}, "scopes"),
        ({"scopes": "uploads:read"}, "scopes"),
        ({"expires-at": "2020-01-01T00:00:00Z"}, "expires-at"),
        ({"expires-at": "2999-01-01T00:00:00"}, "expires-at"),
        ({"expires-at": "0001-01-01T00:00:00+14:00"}, "expires-at"),
        ({"expires-at": "soon"}, "expires-at"),
        ({"expires-at": 1}, "expires-at"),
        ({"name": "\0"}, "name"),
        ({"name": "a" * 201}, "name"),
        ({"name": ["a"]}, "name"),
    ],
    ids=str,
)
def test_a_token_that_makes_no_sense(
    client: FlaskClient, admin: Headers, attributes: dict[str, object], pointer: str
) -> None:
    response = make(client, admin, **attributes)
    assert response.status_code == 422, response.text
    assert only_error(response)["source"] == {"pointer": f"/data/attributes/{pointer}"}


def test_every_scope_can_be_had(client: FlaskClient, admin: Headers) -> None:
    made = make(client, admin, scopes=list(SCOPES)).json
    assert made["data"]["attributes"]["scopes"] == sorted(SCOPES)  # type: ignore[index]  # it has a body


def test_a_new_token_can_come_with_its_owner(client: FlaskClient, admin: Headers) -> None:
    body = json.dumps({"data": {"type": "tokens", "attributes": {"name": "CI"}}})
    address = f"{TOKENS}?include=owner"
    made: Any = client.post(address, data=body, content_type=JSON_API, headers=admin).json
    assert made["included"][0]["attributes"]["name"] == "Grace"
    assert made["meta"]["token"].startswith(PREFIX)


def test_a_token_leads_to_its_owner(client: FlaskClient, admin: Headers) -> None:
    made: Any = make(client, admin).json
    address = f"{TOKENS}/{made['data']['id']}"
    related: Any = client.get(f"{address}/owner", headers=admin).json
    assert related["data"]["attributes"]["name"] == "Grace"
    linkage: Any = client.get(f"{address}/relationships/owner", headers=admin).json
    assert linkage["data"]["id"] == related["data"]["id"]
    included: Any = client.get(f"{TOKENS}?include=owner", headers=admin).json
    assert [each["type"] for each in included["included"]] == ["users"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{TOKENS}/{{id}}"),
        ("DELETE", f"{TOKENS}/{{id}}"),
        ("GET", f"{TOKENS}/{{id}}/owner"),
        ("GET", f"{TOKENS}/{{id}}/relationships/owner"),
    ],
)
def test_nobody_reaches_another_ones_tokens(
    app: Flask, client: FlaskClient, admin: Headers, method: str, path: str
) -> None:
    id_ = make(client, admin).json["data"]["id"]  # type: ignore[index]  # it has a body
    body = json.dumps({"data": {"type": "tokens"}})
    for headers, status in (({}, 401), (bearer(app, account(app)), 404)):
        response = client.open(
            path.format(id=id_), method=method, data=body, content_type=JSON_API, headers=headers
        )
        assert response.status_code == status
    assert response.headers.get("WWW-Authenticate") is None


def test_a_member_keeps_tokens_of_their_own(
    app: Flask, client: FlaskClient, admin: Headers
) -> None:
    make(client, admin)
    ada = bearer(app, account(app))
    made = make(client, ada, name="Camera")
    listed: Any = client.get(TOKENS, headers=ada).json
    assert sorted(each["attributes"]["name"] for each in listed["data"]) == ["", "Camera"]
    address = f"{TOKENS}/{made.json['data']['id']}"  # type: ignore[index]  # it has a body
    assert client.delete(address, headers=ada).status_code == 204
    assert client.get(address, headers=ada).status_code == 404


# --- When it was last used --------------------------------------------------------------------


def test_use_is_recorded_and_not_with_every_request(
    app: Flask, client: FlaskClient, admin: Headers
) -> None:
    made = make(client, admin)
    id_, headers = made.json["data"]["id"], header_of(made)  # type: ignore[index]  # it has a body
    client.get(COLLECTION, headers=headers)
    first = only_token(app, id_).last_used_at
    assert first is not None
    client.get(COLLECTION, headers=headers)
    assert only_token(app, id_).last_used_at == first
    with app.app_context():
        db.session.execute(update(Token).values(last_used_at=first - USE_KNOWN_TO))
        db.session.commit()
    client.get(f"{COLLECTION}?sort=nothing", headers=headers)
    again = only_token(app, id_).last_used_at
    assert again is not None
    assert again > first


def test_a_request_does_not_fail_because_its_use_cannot_be_recorded(
    app: Flask, client: FlaskClient, admin: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(client, admin)

    def fail(*_: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("no disk"))

    monkeypatch.setattr(record_use, "write", fail)
    assert client.get(COLLECTION, headers=header_of(made)).status_code == 200
    assert only_token(app, made.json["data"]["id"]).last_used_at is None  # type: ignore[index]  # it has a body
