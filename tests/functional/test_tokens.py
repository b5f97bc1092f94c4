"""Long-lived tokens: shown once, limited, in use, and revoked."""

import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import downgrade, upgrade
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from open_event_uploads.accounts import record_use, token_routes
from open_event_uploads.accounts.create_token import CreatedToken, create_token
from open_event_uploads.accounts.revoke_token import revoke_token
from open_event_uploads.accounts.token import (
    MAX_TOKENS,
    PREFIX,
    SCOPES,
    USE_KNOWN_TO,
    Token,
    digest,
)
from open_event_uploads.accounts.update_user import update_user
from open_event_uploads.context import db
from open_event_uploads.database.types import now
from tests.accounts import account, bearer
from tests.conftest import Stranger
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


# --- A token that creates a token -------------------------------------------------------------


def test_a_token_expires_with_the_one_that_created_it(client: FlaskClient, admin: Headers) -> None:
    end = now() + timedelta(days=2)
    parent = header_of(make(client, admin, **{"expires-at": end.isoformat()}))
    later = make(client, parent, **{"expires-at": (end + timedelta(seconds=1)).isoformat()})
    assert (later.status_code, only_error(later)["source"]) == (
        422,
        {"pointer": "/data/attributes/expires-at"},
    )
    asked = (end - timedelta(days=1), end, None)
    for at, expected in zip(asked, (asked[0], end, end), strict=True):
        made: Any = make(client, parent, **{"expires-at": at and at.isoformat()}).json
        assert datetime.fromisoformat(made["data"]["attributes"]["expires-at"]) == expected
    grandchild = header_of(make(client, header_of(make(client, parent))))
    assert make(client, grandchild, **{"expires-at": "2999-01-01T00:00:00Z"}).status_code == 422


def test_revoking_a_token_revokes_what_it_created(client: FlaskClient, admin: Headers) -> None:
    parent = make(client, admin)
    child = make(client, header_of(parent))
    grandchild = header_of(make(client, header_of(child)))
    sibling = header_of(make(client, header_of(parent)))
    other = header_of(make(client, admin))
    assert client.delete(path_of(child.headers["Location"]), headers=sibling).status_code == 204
    alive = [header_of(parent), sibling, other, admin]
    for headers in alive:
        assert client.get(COLLECTION, headers=headers).status_code == 200
    for headers in (header_of(child), grandchild):
        assert client.get(COLLECTION, headers=headers).status_code == 401
    # It revokes itself, and those it created with it.
    assert client.delete(path_of(parent.headers["Location"]), headers=sibling).status_code == 204
    assert [client.get(COLLECTION, headers=each).status_code for each in alive] == [
        401,
        401,
        200,
        200,
    ]


def test_a_token_names_the_one_that_created_it(client: FlaskClient, admin: Headers) -> None:
    parent = make(client, admin, name="CI")
    child: Any = make(client, header_of(parent)).json
    id_ = parent.json["data"]["id"]  # type: ignore[index]  # it has a body
    assert child["data"]["relationships"]["parent"]["data"] == {"type": "tokens", "id": id_}
    related: Any = client.get(f"{TOKENS}/{child['data']['id']}/parent", headers=admin).json
    assert related["data"]["attributes"]["name"] == "CI"
    listed: Any = client.get(f"{TOKENS}?include=parent&sort=created-at", headers=admin).json
    assert listed["data"][2]["relationships"]["parent"]["data"]["id"] == id_


def test_a_token_that_is_revoked_meanwhile_creates_none(
    app: Flask, client: FlaskClient, admin: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = make(client, admin)
    id_ = parent.json["data"]["id"]  # type: ignore[index]  # it has a body

    def revoke_first(*arguments: Any, **options: Any) -> CreatedToken:  # noqa: ANN401 - its own
        revoke_token(id_, engine=db.engine)
        return create_token(*arguments, **options)

    monkeypatch.setattr(token_routes, "create_token", revoke_first)
    response = make(client, header_of(parent))
    assert (response.status_code, only_error(response)["code"]) == (401, "invalid-token")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Token)) == 1


# --- How many there are -----------------------------------------------------------------------


def add_tokens(app: Flask, user_id: str, count: int, expires_at: datetime | None = None) -> None:
    with app.app_context():
        db.session.add_all(
            Token(user_id=user_id, token_hash=secrets.token_hex(32), expires_at=expires_at)
            for _ in range(count)
        )
        db.session.commit()


def test_a_user_has_a_hundred_tokens_and_expired_ones_do_not_count(
    app: Flask, client: FlaskClient, admin: Headers
) -> None:
    ada = account(app)
    headers = bearer(app, ada)
    add_tokens(app, ada, 50, now() - timedelta(seconds=1))
    add_tokens(app, ada, MAX_TOKENS - 2)
    last = make(client, headers)
    assert last.status_code == 201
    for response in (make(client, headers), make(client, header_of(last))):
        error = only_error(response)
        assert (response.status_code, error["code"]) == (403, "too-many-tokens")
        assert error["meta"] == {"limit": MAX_TOKENS, "actual": MAX_TOKENS + 1}
    assert make(client, admin).status_code == 201  # another user's
    with app.app_context():
        held = select(func.count()).where(Token.user_id == ada)
        assert db.session.scalar(held) == MAX_TOKENS
    assert client.delete(path_of(last.headers["Location"]), headers=headers).status_code == 204
    assert make(client, headers).status_code == 201


def test_many_at_once_do_not_exceed_the_maximum(app: Flask) -> None:
    ada = account(app)
    headers = bearer(app, ada)
    add_tokens(app, ada, MAX_TOKENS - 3)
    with ThreadPoolExecutor(8) as pool:
        made = [pool.submit(lambda: make(Stranger(app), headers).status_code) for _ in range(8)]
    assert sorted(each.result() for each in made) == [201] * 2 + [403] * 6


def test_what_is_stored_before_the_migration_has_no_parent(
    app: Flask, client: FlaskClient, admin: Headers
) -> None:
    with app.app_context():
        downgrade(revision="20261129_captions")
        upgrade()
    listed: Any = client.get(TOKENS, headers=admin).json
    assert listed["data"][0]["relationships"]["parent"]["data"] is None


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
