"""Who uploads too often is told so, and when to come back."""

import io
import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from open_event_uploads.errors import RateLimitExceeded
from open_event_uploads.server.policy import Counts
from open_event_uploads.server.rate_limits import SIGN_IN, limit
from open_event_uploads.server.routes import policies_of
from tests.conftest import AppFactory, Stranger
from tests.documents import COLLECTION, JSON_API, data_uri, document, only_error, post, upload
from tests.functional.test_run_operations import ATOMIC, add, remove, run
from tests.images import picture
from tests.users import ADA, BOB, by, with_users

pytestmark = pytest.mark.default_stack("rates are not counted in the database")

PICTURE = picture("PNG", (3, 2))
ONE = document({"data": data_uri(PICTURE)})
MANY = "1000/minute"


@pytest.fixture
def limited(make_app: AppFactory) -> Callable[..., FlaskClient]:
    """A client of an application with these settings."""

    def make(rates: str, **settings: object) -> FlaskClient:
        app = with_users(make_app(rate_limits=rates, anonymous_uploads=True, **settings))
        return app.test_client()

    return make


def remaining(response: TestResponse) -> int:
    """What RateLimit says is left of the first limit."""
    match = re.match(r'"uploads-[0-9]+s";r=([0-9]+);t=[0-9]+', response.headers["RateLimit"])
    assert match
    return int(match[1])


def test_every_answer_says_how_much_is_left(limited: Callable[..., FlaskClient]) -> None:
    client = limited("3/minute;10/hour")
    response = post(client, ONE)
    assert response.status_code == 201
    fields = response.headers
    assert fields["RateLimit-Policy"] == '"uploads-60s";q=3;w=60, "uploads-3600s";q=10;w=3600'
    assert fields["RateLimit"] in {
        f'"uploads-60s";r=2;t={t}, "uploads-3600s";r=9;t=3600' for t in (59, 60)
    }
    assert "Retry-After" not in fields


def test_one_too_many_is_refused_and_told_when_to_come_back(
    limited: Callable[..., FlaskClient],
) -> None:
    client = limited("2/minute")
    assert [post(client, ONE).status_code for _ in range(3)] == [201, 201, 429]
    response = post(client, ONE)
    error = only_error(response)
    assert error["code"] == "rate-limit-exceeded"
    assert error["meta"] == {"limit": 2, "actual": 3}
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert remaining(response) == 0


def test_it_passes_again_when_the_time_is_over(limited: Callable[..., FlaskClient]) -> None:
    client = limited("1/second")
    answers = [post(client, ONE) for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 429]
    time.sleep(int(answers[1].headers["Retry-After"]))
    assert post(client, ONE).status_code == 201


def test_the_body_of_one_too_many_is_not_read(limited: Callable[..., FlaskClient]) -> None:
    class Untouched(io.RawIOBase):
        def read(self, *_: object) -> bytes:
            pytest.fail("the body was read")

    client = limited("1/minute")
    post(client, ONE)
    for address, method, type_ in (
        (COLLECTION, "POST", JSON_API),
        (COLLECTION, "POST", "image/png"),
        (f"{COLLECTION}/{ADA}/content", "PUT", "image/png"),
        (f"{COLLECTION}/{ADA}", "PATCH", JSON_API),
        ("/v1/operations", "POST", ATOMIC),
        ("/v1/upload/image", "POST", "application/json"),
        ("/v1/upload/files", "POST", "multipart/form-data; boundary=x"),
    ):
        response = client.open(
            address,
            method=method,
            content_type=type_,
            environ_overrides={"wsgi.input": Untouched(), "CONTENT_LENGTH": "1000000"},
        )
        assert response.status_code == 429, address


def patched(client: FlaskClient, **attributes: object) -> Callable[[], TestResponse]:
    id_ = upload(client, PICTURE)["id"]
    body = document(attributes, id=id_)
    return lambda: client.patch(f"{COLLECTION}/{id_}", json=body, content_type=JSON_API)


def replaced(client: FlaskClient) -> Callable[[], TestResponse]:
    address = f"{COLLECTION}/{upload(client, PICTURE)['id']}/content"
    return lambda: client.put(address, data=picture("GIF"), content_type="image/gif")


def form(client: FlaskClient, *names: str) -> TestResponse:
    files: dict[str, list[Any]] = {name: [] for name in names}
    for name in names:
        files[name].append((io.BytesIO(PICTURE), "talk.png"))
    return client.post("/v1/upload/files", data=files, content_type="multipart/form-data")


def changing(client: FlaskClient) -> Callable[[], TestResponse]:
    id_ = upload(client, PICTURE)["id"]
    return lambda: run(client, add(picture("GIF")), add(PICTURE), remove(id=id_))


WAYS: dict[str, tuple[int, Callable[[FlaskClient], Callable[[], TestResponse]]]] = {
    "document": (1, lambda client: lambda: post(client, ONE)),
    "raw body": (
        1,
        lambda client: lambda: client.post(COLLECTION, data=PICTURE, content_type="image/png"),
    ),
    "form": (
        1,
        lambda client: (
            lambda: client.post(COLLECTION, data={"file": (io.BytesIO(PICTURE), "talk.png")})
        ),
    ),
    "refused file": (1, lambda client: lambda: post(client, document({"data": "data:,x"}))),
    "change with data": (1, lambda client: patched(client, data=data_uri(picture("GIF")))),
    "change of words": (0, lambda client: patched(client, alt="A stage")),
    "content": (1, replaced),
    "operations": (2, changing),
    "open event image": (
        1,
        lambda client: lambda: client.post("/v1/upload/image", json={"data": data_uri(PICTURE)}),
    ),
    "open event file": (1, lambda client: lambda: form(client, "file")),
    "open event files": (3, lambda client: lambda: form(client, *["files[]"] * 3)),
    "list": (0, lambda client: lambda: client.get(COLLECTION)),
}


@pytest.mark.parametrize(("files", "way"), WAYS.values(), ids=WAYS)
def test_every_file_counts_once_whichever_way_it_comes(
    limited: Callable[..., FlaskClient],
    files: int,
    way: Callable[[FlaskClient], Callable[[], TestResponse]],
) -> None:
    client = limited(MANY)
    act = way(client)
    before = remaining(post(client, ONE))
    response = act()
    assert ("RateLimit" in response.headers) == bool(files)
    assert before - remaining(post(client, ONE)) - 1 == files


def test_every_route_that_takes_files_counts_them(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        for method, policy in policies_of(app, rule.endpoint).items():
            takes_files = policy.scope == "uploads:write" and method != "DELETE"
            if rule.endpoint in {"resumable_detail", "resumable_append", "resumable_override"}:
                # The file was counted when it was begun.
                takes_files = False
            if rule.endpoint in {"admin_resumable.create", "admin_files.replace"}:
                # An admin's session has no scopes.
                takes_files = method == "POST"
            assert (policy.counts in {Counts.FILE, Counts.LONG_BODY}) == takes_files, rule


def test_operations_that_together_are_too_many_are_refused_and_stay_uncounted(
    limited: Callable[..., FlaskClient],
) -> None:
    client = limited("3/minute")
    response = run(client, *[add(PICTURE)] * 4)
    assert response.status_code == 429
    assert response.json["errors"][0]["meta"] == {"limit": 3, "actual": 4}  # type: ignore[index]  # it has a body
    assert run(client, *[add(PICTURE)] * 3).status_code == 200


def test_each_user_has_a_limit_of_their_own(limited: Callable[..., FlaskClient]) -> None:
    client = limited("1/minute")
    assert post(client, ONE, headers=by(ADA)).status_code == 201
    assert post(client, ONE, headers=by(ADA)).status_code == 429
    assert post(client, ONE, headers=by(BOB)).status_code == 201
    assert post(client, ONE).status_code == 201
    assert post(client, ONE).status_code == 429


def from_address(client: FlaskClient, peer: str, forwarded: str = "") -> int:
    return post(
        Stranger(client.application),
        ONE,
        environ_overrides={"REMOTE_ADDR": peer},
        headers={"X-Forwarded-For": forwarded} if forwarded else {},
    ).status_code


def test_each_address_has_a_limit_of_its_own(limited: Callable[..., FlaskClient]) -> None:
    client = limited("1/minute")
    assert from_address(client, "192.0.2.1") == 201
    assert from_address(client, "192.0.2.1", "198.51.100.1") == 429
    assert from_address(client, "192.0.2.2") == 201


def test_a_network_of_ipv6_counts_as_one_address(limited: Callable[..., FlaskClient]) -> None:
    client = limited("1/minute")
    assert from_address(client, "2001:db8::1") == 201
    assert from_address(client, "2001:db8::ffff:0:0:1") == 429
    assert from_address(client, "2001:db8:0:1::1") == 201


def test_a_trusted_proxy_says_who_it_was(limited: Callable[..., FlaskClient]) -> None:
    client = limited("1/minute", trusted_proxies="10.0.0.0/8,fd00::/8")
    assert from_address(client, "10.0.0.1", "192.0.2.1, 10.0.0.2") == 201
    assert from_address(client, "10.0.0.1", "192.0.2.99, 192.0.2.1") == 429
    assert from_address(client, "fd00::1", "192.0.2.1:4711") == 429
    assert from_address(client, "10.0.0.1", "192.0.2.2") == 201


def test_limits_can_be_turned_off(limited: Callable[..., FlaskClient]) -> None:
    response = post(limited("off"), ONE)
    assert response.status_code == 201
    assert "RateLimit" not in response.headers


def test_two_applications_count_apart(make_app: AppFactory) -> None:
    for _ in range(2):
        assert post(make_app(rate_limits="1/minute").test_client(), ONE).status_code == 201


def test_a_page_from_elsewhere_may_read_the_fields(limited: Callable[..., FlaskClient]) -> None:
    client = limited("1/minute", cors_origins="https://example.org")
    post(client, ONE)
    refused = client.post(
        COLLECTION,
        data=json.dumps(ONE),
        content_type=JSON_API,
        headers={"Origin": "https://example.org"},
    )
    exposed = refused.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(exposed)
    assert refused.headers["Access-Control-Allow-Origin"] == "https://example.org"


# --- Signing in -------------------------------------------------------------------------------


def attempts(app: Flask, *keys: str) -> int:
    """How many attempts with these keys pass before one is refused."""
    for number in range(100):
        with app.test_request_context():
            app.preprocess_request()
            try:
                for key in keys:
                    limit(SIGN_IN, key=key)
            except RateLimitExceeded:
                return number
    return 100


def test_signing_in_has_a_limit_of_its_own(make_app: AppFactory) -> None:
    app = make_app(rate_limits="off")
    assert attempts(app, "address 192.0.2.1", "email ada@example.org") == 10
    assert attempts(app, "address 192.0.2.2", "email ada@example.org") == 0
    assert attempts(app, "address 192.0.2.3", "email bob@example.org") == 10


def test_attempts_to_sign_in_may_be_fewer_or_any_number(make_app: AppFactory) -> None:
    assert attempts(make_app(sign_in_rate_limits="2/hour"), "one") == 2
    assert attempts(make_app(sign_in_rate_limits="off"), "one") == 100


def test_a_refused_attempt_says_when_to_come_back(app: Flask) -> None:
    attempts(app, "one")
    with app.test_request_context():
        app.preprocess_request()
        with pytest.raises(RateLimitExceeded) as refusal:
            limit(SIGN_IN, key="one")
        response = app.process_response(app.response_class())
    assert 1 <= int(refusal.value.headers["Retry-After"]) <= 60
    assert response.headers["RateLimit-Policy"] == '"sign-in-60s";q=10;w=60'


def test_a_key_may_be_anything(app: Flask) -> None:
    for key in ("", "é" * 10_000, "\ud800", "a/b;c\0"):
        assert attempts(app, key) == 10
