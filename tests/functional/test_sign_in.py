"""Email and password for a session, and what a session is worth."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from open_event_uploads.accounts import hash_password
from open_event_uploads.accounts.update_user import update_user
from open_event_uploads.accounts.user import User
from open_event_uploads.context import db
from open_event_uploads.database.types import now
from tests.accounts import PASSWORD, account, bearer, user_row
from tests.conftest import AppFactory, Stranger
from tests.documents import COLLECTION, data_uri, document, only_error, post
from tests.images import picture

SESSION = "/v1/auth/session"
OTHER = "another horse, another battery"
AUDIENCE = "open-event-uploads/session"


@pytest.fixture
def client(stranger: FlaskClient) -> FlaskClient:
    """Says nothing of who it is, unless a test does."""
    return stranger


@pytest.fixture
def ada(app: Flask) -> str:
    return account(app)


def sign_in(
    client: FlaskClient,
    email: object = "ada@example.org",
    password: object = PASSWORD,
    address: str = SESSION,
) -> TestResponse:
    return client.post(address, data=json.dumps({"email": email, "password": password}))


def session_of(client: FlaskClient) -> str:
    response = sign_in(client)
    assert response.status_code == 200, response.text
    return str(response.json["access_token"])  # type: ignore[index]  # it has a body


def answer(client: FlaskClient, token: str, scheme: str = "Bearer") -> TestResponse:
    return client.get(COLLECTION, headers={"Authorization": f"{scheme} {token}"})


def refused(response: TestResponse) -> bool:
    """Whether an answer is the one of RFC 6750, section 3, for a token that is none."""
    if response.status_code != 401:
        return False
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]
    assert only_error(response)["code"] == "invalid-token"
    return True


# --- Signing in -------------------------------------------------------------------------------


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("address", [SESSION, "/auth/session", f"{SESSION}/"])
def test_an_email_and_a_password_become_a_session(client: FlaskClient, address: str) -> None:
    response = sign_in(client, address=address)
    assert response.status_code == 200
    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json is not None
    assert response.json.keys() == {"access_token", "device_token"}


@pytest.mark.parametrize("scheme", ["Bearer", "JWT", "bearer", "jwt", "Bearer "])
def test_a_session_says_who_sends_a_request(client: FlaskClient, ada: str, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {session_of(client)}"}
    made = post(client, document({"data": data_uri(picture())}), headers=headers).json
    assert made["data"]["relationships"]["owner"]["data"]["id"] == ada  # type: ignore[index]  # it has a body


def test_a_client_finds_in_it_whose_it_is(client: FlaskClient, ada: str) -> None:
    claims = jwt.decode(session_of(client), options={"verify_signature": False})
    assert claims["identity"] == claims["sub"] == ada
    assert claims["exp"] - claims["iat"] == 3600


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("email", ["ADA@Example.ORG", " ada@example.org "])
def test_an_email_has_no_case(client: FlaskClient, email: str) -> None:
    assert sign_in(client, email).status_code == 200


def test_an_email_that_would_be_refused_today_still_signs_in(
    app: Flask, client: FlaskClient, ada: str
) -> None:
    stored = "ada@exa_mple.org"
    with app.app_context():
        db.session.execute(update(User).where(User.id == ada).values(email=stored))
        db.session.commit()
    assert sign_in(client, email=stored.upper()).status_code == 200


def test_a_password_is_the_same_on_every_keyboard(app: Flask, client: FlaskClient) -> None:
    account(app, password="Zu\u0308rich am See")  # noqa: S106 - nobody's
    assert sign_in(client, "ada@example.org", "Z\u00fcrich am See").status_code == 200


@pytest.mark.usefixtures("ada")
def test_an_old_session_does_not_keep_from_signing_in(client: FlaskClient) -> None:
    body = json.dumps({"email": "ada@example.org", "password": PASSWORD})
    response = client.post(SESSION, data=body, headers={"Authorization": "Bearer over"})
    assert response.status_code == 200


def test_whoever_may_not_sign_in_is_told_the_same(app: Flask, client: FlaskClient) -> None:
    account(app)
    account(app, "Bob", active=False)
    account(app, "Carol", password=None)
    asked = [
        ("ada@example.org", OTHER),
        ("nobody@example.org", PASSWORD),
        ("bob@example.org", PASSWORD),
        ("carol@example.org", PASSWORD),
        ("no email", PASSWORD),
        ("ada@example.org\0", PASSWORD),
        ("", ""),
        ("a" * 5000, "b" * 5000),
    ]
    answers = [sign_in(client, *each) for each in asked]
    errors = [only_error(each) for each in answers]
    assert {each.status_code for each in answers} == {401}
    assert {(each["code"], each["detail"]) for each in errors} == {
        ("invalid-credentials", "Email or password is wrong.")
    }
    assert {each.headers["WWW-Authenticate"] for each in answers} == {'Bearer realm="uploads"'}


@pytest.mark.usefixtures("ada")
def test_an_unknown_email_costs_as_much_work_as_a_known_one(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    verify = type(hash_password._HASHER).verify  # noqa: SLF001 - counts its work

    def count(hasher: Any, kept: str, password: bytes) -> bool:  # noqa: ANN401 - the hasher
        checked.append(kept)
        return bool(verify(hasher, kept, password))

    monkeypatch.setattr(type(hash_password._HASHER), "verify", count)  # noqa: SLF001 - the same
    for email in ("ada@example.org", "nobody@example.org", "no email"):
        sign_in(client, email, OTHER)
    parameters = {each.rsplit("$", 2)[0] for each in checked}
    assert len(checked) == 3
    assert len(parameters) == 1


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"email": 1, "password": PASSWORD}, 422, "/email"),
        ({"email": "a@b", "password": ["x"]}, 422, "/password"),
        ({"email": None, "password": PASSWORD}, 422, "/email"),
        ({"email": "ada@example.org"}, 422, ""),
        ({"email": "a@b", "password": PASSWORD, "device_token": 1}, 422, "/device_token"),
        ({"email": "\ud800@example.org", "password": PASSWORD}, 422, "/email"),
        ({"email": "ada@example.org", "password": "\udfff" * 12}, 422, "/password"),
        ([], 400, ""),
        ("ada", 400, ""),
    ],
)
def test_what_is_no_sign_in(client: FlaskClient, body: object, status: int, pointer: str) -> None:
    response = client.post(SESSION, data=json.dumps(body))
    error = only_error(response)
    assert (response.status_code, error["source"]) == (status, {"pointer": pointer})
    assert PASSWORD not in response.text


def test_a_body_that_is_no_json(client: FlaskClient) -> None:
    assert client.post(SESSION, data=b"\xff").status_code == 400
    assert client.post(SESSION, data=b"email=a&password=b").status_code == 400
    assert client.post(SESSION, data=b"{" + b" " * 20_000).status_code == 413


def test_a_hash_of_the_past_is_made_anew(
    app: Flask, client: FlaskClient, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = user_row(app, ada).password_hash
    stronger = PasswordHasher(time_cost=3, memory_cost=19 * 1024, parallelism=1)
    monkeypatch.setattr(hash_password, "_HASHER", stronger)
    assert sign_in(client).status_code == 200
    after = user_row(app, ada)
    assert before != after.password_hash
    assert "t=3" in str(after.password_hash)
    assert after.credentials_version == 1
    assert sign_in(client).status_code == 200
    assert user_row(app, ada).password_hash == after.password_hash


# --- The end of a session ---------------------------------------------------------------------


def test_a_session_ends_with_the_password(app: Flask, client: FlaskClient, ada: str) -> None:
    token = session_of(client)
    with app.app_context():
        update_user(ada, {"password": OTHER}, engine=db.engine)
    assert refused(answer(client, token))
    assert sign_in(client, password=OTHER).status_code == 200


def test_a_session_ends_with_the_role(app: Flask, client: FlaskClient, ada: str) -> None:
    account(app, "Grace", "admin")
    for role in ("admin", "member"):
        token = session_of(client)
        for changes, status in (({"role": role}, 401), ({"name": role}, 200)):
            with app.app_context():
                update_user(ada, changes, engine=db.engine)
            assert answer(client, token).status_code == status
            token = session_of(client)


def test_a_session_of_a_disabled_user_is_over_for_good(
    app: Flask, client: FlaskClient, ada: str
) -> None:
    token = session_of(client)
    for active in (False, True):
        with app.app_context():
            update_user(ada, {"active": active}, engine=db.engine)
        assert refused(answer(client, token))


def test_a_session_goes_on_while_the_keys_change(make_app: AppFactory) -> None:
    old, new = "o" * 32, "n" * 32
    before = make_app(secret_key=old)
    account(before)
    token = session_of(before.test_client())
    for keys, status in ((f"{new},{old}", 200), (new, 401)):
        client = make_app(secret_key=keys).test_client()
        assert answer(client, token).status_code == status


Forge = Callable[..., str]


@pytest.fixture
def forge(app: Flask, ada: str) -> Forge:
    """Sign what one likes with the server's own key, or another."""

    def make(key: str | None = None, algorithm: str = "HS256", **changes: Any) -> str:  # noqa: ANN401 - claims
        claims = {
            "aud": AUDIENCE,
            "sub": ada,
            "cv": 1,
            "iat": now(),
            "nbf": now(),
            "exp": now() + timedelta(minutes=5),
            **changes,
        }
        sent = {name: each for name, each in claims.items() if each is not None}
        return jwt.encode(sent, key or app.config["SECRET_KEY"], algorithm=algorithm)

    return make


def test_a_forged_session_would_do_if_it_were_right(client: FlaskClient, forge: Forge) -> None:
    assert answer(client, forge()).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "k" * 32},
        {"algorithm": "HS512"},
        {"exp": now() - timedelta(seconds=5)},
        {"nbf": now() + timedelta(days=1)},
        {"iat": now() + timedelta(days=1)},
        {"aud": "somebody/else"},
        {"aud": [AUDIENCE, "somebody/else"]},
        {"aud": None},
        {"exp": None},
        {"sub": None},
        {"cv": None},
        {"cv": 2},
        {"cv": "1"},
        {"cv": [1]},
        {"cv": 10**30},
        {"sub": "nobody"},
        {"sub": 1},
        {"sub": "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"},
        {"exp": "soon"},
    ],
    ids=",".join,
)
def test_a_session_that_is_none(client: FlaskClient, forge: Forge, changes: dict[str, Any]) -> None:
    assert refused(answer(client, forge(**changes)))


def test_a_session_without_a_signature(client: FlaskClient, forge: Forge) -> None:
    header, claims, _ = forge().split(".")
    none = jwt.encode(jwt.decode(forge(), options={"verify_signature": False}), "", "none")
    assert refused(answer(client, none))
    assert refused(answer(client, f"{header}.{claims}."))
    assert refused(answer(client, f"{none.split('.')[0]}.{claims}."))


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer a,Bearer b",
        "Bearer \u00e9",
        "Bearer a.b.c",
        "Bearer eyJhbGciOiJIUzI1NiJ9.e30.",
        "Bearer " + "a" * 100_000,
        "Bearer " + "eyJ" + "." * 8000,
        "Basic YWRhOnB3",
        "Digest x",
        "oeu_secret",
        "Bearer oeu_",
        "Bearer oeu_" + "A" * 43,
    ],
    ids=lambda text: text[:20],
)
def test_a_header_that_says_nothing_is_refused(client: FlaskClient, authorization: str) -> None:
    response = client.get(COLLECTION, headers={"Authorization": authorization})
    assert refused(response)
    assert only_error(response)["source"] == {"header": "Authorization"}


def test_two_headers_are_refused(app: Flask, client: FlaskClient, ada: str) -> None:
    one = bearer(app, ada)["Authorization"]
    headers = [("Authorization", one), ("Authorization", one)]
    assert refused(client.get(COLLECTION, headers=headers))


def test_a_bad_credential_is_refused_everywhere_but_for_options(client: FlaskClient) -> None:
    headers = {"Authorization": "Bearer nonsense"}
    for path in ("/v1", "/v1/presets", "/v1/openapi.json", "/media/nothing", "/nothing"):
        assert refused(client.get(path, headers=headers)), path
        assert client.options(path, headers=headers).status_code in {204, 404}


def test_another_origin_may_sign_in_and_read_why_not(make_app: AppFactory) -> None:
    client = make_app(cors_origins="https://app.example.org").test_client()
    origin = {"Origin": "https://app.example.org"}
    for path in ("/auth/session", SESSION):
        response = client.post(path, data=b'{"email":"a@b","password":"c"}', headers=origin)
        assert response.status_code == 401
        assert response.headers["Access-Control-Allow-Origin"] == origin["Origin"]
        assert "WWW-Authenticate" in response.headers["Access-Control-Expose-Headers"]


# --- A device that signed in before -----------------------------------------------------------


Limited = tuple[Flask, FlaskClient]


@pytest.fixture
def limited(make_app: AppFactory) -> Limited:
    """Return an application that allows three attempts in a day, and a client of it."""
    app = make_app(sign_in_rate_limits="3/day")
    account(app)
    return app, Stranger(app)


def attempt(
    client: FlaskClient,
    device: str | None = None,
    *,
    email: str = "ada@example.org",
    password: str = PASSWORD,
    address: str = "192.0.2.1",
) -> TestResponse:
    body = {"email": email, "password": password, "device_token": device}
    return client.post(SESSION, json=body, environ_overrides={"REMOTE_ADDR": address})


def device_of(response: TestResponse) -> str:
    assert response.status_code == 200, response.text
    return str(response.json["device_token"])  # type: ignore[index]  # it has a body


def lock_out(client: FlaskClient, email: str = "ada@example.org") -> None:
    """Use up all attempts for an email, from many addresses."""
    for number in range(4):
        response = attempt(client, email=email, password=OTHER, address=f"198.51.100.{number}")
    assert response.status_code == 429


def test_strangers_do_not_lock_out_a_device_that_signed_in_before(limited: Limited) -> None:
    _, client = limited
    device = device_of(attempt(client))
    lock_out(client)
    assert attempt(client).status_code == 429
    # Wherever it is now, and as often as it is right.
    for number in range(4):
        device = device_of(attempt(client, device, address=f"203.0.113.{number}"))
    # Where strangers have used up the attempts of the address, too.
    assert attempt(client, device, address="198.51.100.1").status_code == 200


def test_a_stolen_device_token_is_worth_a_bounded_number_of_attempts(limited: Limited) -> None:
    _, client = limited
    stolen = device_of(attempt(client))
    device = device_of(attempt(client, stolen))
    guesses = [attempt(client, stolen, password=OTHER, address=f"::{n}") for n in range(5)]
    assert [each.status_code for each in guesses] == [401, 401, 429, 429, 429]
    assert attempt(client, stolen).status_code == 429
    # Its owner has a newer one, and strangers have theirs: they signed in once.
    assert attempt(client, device).status_code == 200
    assert [attempt(client).status_code for _ in range(3)] == [200, 200, 429]


def test_whoever_signs_in_again_and_again_has_a_bounded_number_of_attempts(
    limited: Limited,
) -> None:
    _, client = limited
    account(limited[0], email="bob@example.org")
    device, bob = (
        device_of(attempt(client, email=f"{each}@example.org")) for each in ("ada", "bob")
    )
    for number in range(30):
        device = device_of(attempt(client, device, address=f"203.0.113.{number}"))
    assert attempt(client, device).status_code == 429
    assert attempt(client, bob, email="bob@example.org").status_code == 200


def test_a_device_token_is_of_one_email(limited: Limited) -> None:
    app, client = limited
    account(app, "Bob")
    device = device_of(attempt(client, email="BOB@example.org"))
    lock_out(client)
    assert attempt(client, device, address="203.0.113.1").status_code == 429
    lock_out(client, "bob@example.org")
    bob = attempt(client, device, email=" bob@EXAMPLE.org", address="203.0.113.1")
    assert bob.status_code == 200
    # Nor does it tell whether there is such an account.
    lock_out(client, "nobody@example.org")
    nobody = attempt(client, device, email="nobody@example.org", address="203.0.113.1")
    assert nobody.status_code == 429


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": AUDIENCE},
        {"aud": None},
        {"exp": now() - timedelta(seconds=5)},
        {"exp": None},
        {"jti": None},
        {"sub": None},
        {"sub": "ada@example.org"},
        {"key": "k" * 32},
        {"algorithm": "none", "key": ""},
    ],
    ids=" ".join,
)
def test_an_invalid_device_token_counts_as_none(limited: Limited, changes: dict[str, Any]) -> None:
    app, client = limited
    claims = jwt.decode(device_of(attempt(client)), options={"verify_signature": False})
    options = {"key": app.config["SECRET_KEY"], "algorithm": "HS256"}
    for name, value in changes.items():
        (options if name in options else claims)[name] = value
    forged = jwt.encode({k: v for k, v in claims.items() if v is not None}, **options)
    lock_out(client)
    for device in (forged, "", "x", "a.b.c", "\u00e9", "y" * 10_000):
        assert attempt(client, device, address="203.0.113.1").status_code == 429


def test_a_device_token_is_no_session_and_a_session_no_device_token(limited: Limited) -> None:
    _, client = limited
    found: Any = attempt(client).json
    assert refused(answer(client, found["device_token"]))
    lock_out(client)
    assert attempt(client, found["access_token"], address="203.0.113.1").status_code == 429


# --- What must not be told --------------------------------------------------------------------


def test_secrets_are_in_no_log(
    app: Flask, client: FlaskClient, ada: str, capsys: pytest.CaptureFixture[str]
) -> None:
    token = session_of(client)
    device = device_of(sign_in(client))
    attempt(client, device)
    answer(client, token)
    answer(client, device)
    answer(client, f"{token}x")
    sign_in(client, password=OTHER)
    long_lived = bearer(app, ada)
    client.get(COLLECTION, headers=long_lived)
    told = "".join(capsys.readouterr()) + repr(app.extensions) + repr(user_row(app, ada))
    kept = user_row(app, ada).password_hash
    secrets = (PASSWORD, OTHER, token, device, long_lived["Authorization"][7:], kept)
    assert not [each for each in secrets if str(each) in told]
    assert app.config["SECRET_KEY"] not in told


def test_a_password_that_must_wait_too_long_is_a_503(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hash_password, "_WAIT_SECONDS", 0.01)
    held = [hash_password._slots.acquire() for _ in range(4)]  # noqa: SLF001 - all there are
    started = time.monotonic()
    try:
        response = sign_in(client)
    finally:
        for _ in held:
            hash_password._slots.release()  # noqa: SLF001 - the same
    assert (response.status_code, only_error(response)["code"]) == (503, "passwords-busy")
    assert time.monotonic() - started < 5
