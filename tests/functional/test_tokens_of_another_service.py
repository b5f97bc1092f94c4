"""Tokens that another service issues, and what it takes to be believed."""

import base64
import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from flask import Flask
from flask.testing import FlaskClient
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from sqlalchemy import select
from werkzeug.test import TestResponse

from open_event_uploads.accounts.user import User
from open_event_uploads.context import db
from open_event_uploads.database.types import now
from open_event_uploads.errors import InvalidSettings
from open_event_uploads.settings import load_settings
from tests.accounts import account
from tests.conftest import AppFactory
from tests.documents import COLLECTION, JSON_API, document

SECRET = "s" * 64
RSA = rsa.generate_private_key(65537, 2048)
OTHER_RSA = rsa.generate_private_key(65537, 2048)
WEAK_RSA = rsa.generate_private_key(65537, 1024)  # noqa: S505 - to be refused
EC = ec.generate_private_key(ec.SECP256R1())
OTHER_CURVE = ec.generate_private_key(ec.SECP384R1())

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def public(key: PrivateKey) -> str:
    found = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return found.decode()


def private(key: PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def token(key: Any = SECRET, algorithm: str = "HS256", **changes: Any) -> str:  # noqa: ANN401 - keys and claims
    headers = changes.pop("headers", None)
    claims = {
        "sub": "ada",
        "iss": "https://login.example.org",
        "aud": "uploads",
        "exp": now() + timedelta(minutes=5),
        **changes,
    }
    sent = {name: each for name, each in claims.items() if each is not None}
    return jwt.encode(sent, key, algorithm, headers=headers)


def answer(client: FlaskClient, text: str) -> TestResponse:
    return client.get(COLLECTION, headers={"Authorization": f"Bearer {text}"})


Trusting = Callable[..., FlaskClient]


@pytest.fixture
def client(stranger: FlaskClient) -> FlaskClient:
    """Says nothing of who it is, unless a test does."""
    return stranger


@pytest.fixture
def trusting(make_app: AppFactory) -> Trusting:
    """A client of an application that believes somebody."""

    def make(**settings: object) -> FlaskClient:
        defaults = {
            "jwt_audience": "uploads",
            "jwt_issuer": "https://login.example.org",
            "jwt_create_users": True,
        }
        return make_app(**{**defaults, **settings}).test_client()

    return make


def people(app: Flask) -> list[tuple[str, str, str]]:
    with app.app_context():
        columns = select(User.name, User.role, User.subject)
        found = db.session.execute(columns.where(User.subject.is_not(None))).all()
        return [(name, role, str(subject)) for name, role, subject in found]


def key_set(folder: Path, *keys: dict[str, Any]) -> Path:
    path = folder / "keys.json"
    path.write_text(json.dumps({"keys": keys}), "utf-8")
    return path


def jwk(key: PrivateKey, **members: str) -> dict[str, Any]:
    public_key = key.public_key()
    if isinstance(public_key, rsa.RSAPublicKey):
        return {**RSAAlgorithm.to_jwk(public_key, as_dict=True), **members}
    return {**ECAlgorithm.to_jwk(public_key, as_dict=True), **members}


# --- Believed ---------------------------------------------------------------------------------


def test_a_subject_becomes_a_member_on_first_sight_and_stays_one(trusting: Trusting) -> None:
    client = trusting(jwt_secret=SECRET)
    for _ in range(2):
        assert answer(client, token(name="Ada L.", role="admin")).status_code == 200
    assert people(client.application) == [("Ada L.", "member", "ada")]


@pytest.mark.parametrize("as_file", [True, False])
@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (EC, "ES256")])
def test_the_algorithm_follows_from_the_public_key(
    trusting: Trusting, tmp_path: Path, key: PrivateKey, algorithm: str, *, as_file: bool
) -> None:
    path = tmp_path / "key.pem"
    path.write_text(public(key), "ascii")
    client = trusting(jwt_public_key=str(path) if as_file else public(key))
    assert answer(client, token(key, algorithm)).status_code == 200


def test_a_key_set_has_several_keys(trusting: Trusting, tmp_path: Path) -> None:
    path = key_set(tmp_path, jwk(RSA, kid="one"), jwk(EC, kid="two"), jwk(OTHER_RSA, use="enc"))
    client = trusting(jwt_jwks_file=path)
    assert answer(client, token(RSA, "RS256", headers={"kid": "one"})).status_code == 200
    assert answer(client, token(EC, "ES256", headers={"kid": "two"})).status_code == 200
    assert answer(client, token(EC, "ES256")).status_code == 200
    assert answer(client, token(RSA, "RS256", headers={"kid": "two"})).status_code == 401
    assert answer(client, token(RSA, "RS256", headers={"kid": "three"})).status_code == 401
    assert answer(client, token(OTHER_RSA, "RS256")).status_code == 401


def test_of_many_first_requests_at_once_one_makes_the_member(trusting: Trusting) -> None:
    app = trusting(jwt_secret=SECRET).application
    found: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: found.append(answer(app.test_client(), token()).status_code)
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * 8
    assert len(people(app)) == 1


def test_a_subject_is_not_who_has_its_email_here(trusting: Trusting) -> None:
    client = trusting(jwt_secret=SECRET)
    account(client.application, "Ada", "admin")
    assert answer(client, token(email="ada@example.org")).status_code == 200
    assert ("ada", "member", "ada") in people(client.application)


def test_two_issuers_may_mean_two_people_by_one_subject(trusting: Trusting) -> None:
    client = trusting(jwt_secret=SECRET, jwt_issuer="")
    for issuer in ("one", "two", None, "one"):
        assert answer(client, token(iss=issuer)).status_code == 200
    assert len(people(client.application)) == 3


@pytest.mark.parametrize("name", [None, 7, "", " \n", "\0", "a" * 1000, "\u202e"])
def test_any_name_is_kept_somehow(trusting: Trusting, name: object) -> None:
    client = trusting(jwt_secret=SECRET)
    assert answer(client, token(name=name)).status_code == 200


def test_our_own_sessions_go_on(trusting: Trusting) -> None:
    client = trusting(jwt_secret=SECRET)
    account(client.application)
    body = {"email": "ada@example.org", "password": "correct horse battery staple"}
    session: Any = client.post("/auth/session", json=body).json
    assert answer(client, session["access_token"]).status_code == 200


# --- Not believed -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "x" * 32},
        {"algorithm": "HS512"},
        {"aud": "another"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": now() - timedelta(minutes=1)},
        {"exp": None},
        {"nbf": now() + timedelta(days=1)},
        {"sub": None},
        {"sub": ""},
        {"sub": 1},
        {"sub": "a\0"},
        {"sub": "a" * 256},
        {"headers": {"crit": ["exp"]}},
    ],
    ids=",".join,
)
def test_a_token_that_is_not_believed(trusting: Trusting, changes: dict[str, Any]) -> None:
    client = trusting(jwt_secret=SECRET)
    response = answer(client, token(**changes))
    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]
    assert people(client.application) == []


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "HS256", "kid": ["a"]},
        {"alg": "HS256", "kid": {}},
        {"alg": ["HS256"]},
        {"alg": None},
        {},
        [],
        7,
    ],
    ids=str,
)
def test_a_header_of_wrong_types(trusting: Trusting, header: object) -> None:
    client = trusting(jwt_secret=SECRET)
    first = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    assert answer(client, f"{first}.{token().partition('.')[2]}").status_code == 401


def test_a_public_key_is_no_shared_secret(trusting: Trusting) -> None:
    """RS/HS confusion (RFC 8725, section 2.1): signed with what everybody knows."""
    client = trusting(jwt_public_key=public(RSA))
    signer = jwt.PyJWS(algorithms=[])

    class Careless(jwt.algorithms.HMACAlgorithm):
        def prepare_key(self, key: str | bytes) -> bytes:
            return key.encode() if isinstance(key, str) else key

    signer.register_algorithm("HS256", Careless(jwt.algorithms.HMACAlgorithm.SHA256))
    claims = jwt.decode(token(), options={"verify_signature": False})
    for known in (public(RSA), public(RSA).strip()):
        forged = signer.encode(json.dumps(claims).encode(), known, "HS256")
        assert answer(client, forged).status_code == 401
    assert answer(client, jwt.encode(claims, "", "none")).status_code == 401
    assert answer(client, token(RSA, "RS512")).status_code == 401
    assert answer(client, token(RSA, "PS256")).status_code == 401
    assert answer(client, token(OTHER_RSA, "RS256")).status_code == 401


def test_an_audience_that_nobody_expects_is_refused(trusting: Trusting) -> None:
    client = trusting(jwt_secret=SECRET, jwt_audience="")
    assert answer(client, token()).status_code == 401
    assert answer(client, token(aud=None)).status_code == 200


def test_an_unknown_subject_stays_unknown_where_nobody_is_created(trusting: Trusting) -> None:
    client = trusting(jwt_secret=SECRET, jwt_create_users=False)
    assert answer(client, token()).status_code == 401
    assert people(client.application) == []


def test_a_token_of_ours_ends_with_the_one_that_created_it(trusting: Trusting) -> None:
    client = trusting(jwt_secret=SECRET)
    end = (now() + timedelta(minutes=5)).replace(microsecond=0)
    headers = {"Authorization": f"Bearer {token(exp=end)}"}
    for asked, status in ((None, 201), (end, 201), (end + timedelta(seconds=1), 422)):
        attributes = {"expires-at": asked and asked.isoformat()}
        sent = document(attributes, type="tokens")
        response = client.post("/v1/tokens", json=sent, content_type=JSON_API, headers=headers)
        assert response.status_code == status
        if status == 201:
            made = response.get_json()["data"]["attributes"]["expires-at"]
            assert datetime.fromisoformat(made) == end


@pytest.mark.parametrize("end", [10**12, 10**30])
def test_a_token_may_end_after_all_calendars(trusting: Trusting, end: int) -> None:
    client = trusting(jwt_secret=SECRET)
    assert answer(client, token(exp=end)).status_code == 200


def test_a_disabled_subject_is_refused(trusting: Trusting) -> None:
    client = trusting(jwt_secret=SECRET)
    account(
        client.application,
        active=False,
        issuer="https://login.example.org",
        subject="ada",
    )
    assert answer(client, token()).status_code == 401


def test_nobody_is_believed_by_default(client: FlaskClient) -> None:
    assert answer(client, token()).status_code == 401


# --- What the operator says -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"jwt_secret": "short"}, "JWT_SECRET"),
        ({"jwt_secret": SECRET, "jwt_public_key": public(RSA)}, "JWT_PUBLIC_KEY"),
        ({"jwt_secret": SECRET, "jwt_jwks_file": "keys.json"}, "JWT_JWKS_FILE"),
        ({"jwt_secret": SECRET, "secret_key": f"{'k' * 32},{SECRET}"}, "JWT_SECRET"),
        ({"jwt_secret": public(RSA)}, "JWT_SECRET"),
        ({"secret_key": private(EC).replace(",", "")}, "SECRET_KEY"),
        ({"jwt_audience": "uploads"}, "JWT_AUDIENCE"),
        ({"jwt_issuer": "somebody"}, "JWT_ISSUER"),
        ({"jwt_create_users": True}, "JWT_CREATE_USERS"),
        ({"jwt_create_users": "perhaps", "jwt_secret": SECRET}, "JWT_CREATE_USERS"),
    ],
    # Keys are made anew each time; a test's name must not change.
    ids=lambda each: each if isinstance(each, str) else ",".join(each),
)
def test_settings_that_contradict_each_other(settings: dict[str, object], key: str) -> None:
    with pytest.raises(InvalidSettings, match=rf"^UPLOADS_{key}: [^\n]+\Z") as caught:
        load_settings(**settings)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "key",
    [
        public(WEAK_RSA),
        public(OTHER_CURVE),
        private(RSA),
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        "nothing/there.pem",
        "/",
        "\ud800",
    ],
    ids=["weak", "curve", "private", "broken", "no file", "folder", "surrogate"],
)
def test_a_public_key_that_is_none_stops_the_start(make_app: AppFactory, key: str) -> None:
    with pytest.raises(InvalidSettings, match=r"^UPLOADS_JWT_PUBLIC_KEY: [^\n]+\Z"):
        make_app(jwt_public_key=key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "7",
        '{"keys": []}',
        '{"keys": 7}',
        '{"keys": [7]}',
        '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}',
        json.dumps({"keys": [jwk(RSA, use="enc")]}),
        json.dumps({"keys": [RSAAlgorithm.to_jwk(RSA, as_dict=True)]}),
        json.dumps({"keys": [jwk(OTHER_CURVE)]}),
        json.dumps({"keys": [jwk(WEAK_RSA)]}),
    ],
)
def test_a_key_set_that_is_none_stops_the_start(
    make_app: AppFactory, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidSettings, match=r"^UPLOADS_JWT_JWKS_FILE: [^\n]+\Z"):
        make_app(jwt_jwks_file=path)
