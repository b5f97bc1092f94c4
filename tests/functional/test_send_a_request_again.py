"""`Idempotency-Key`: a POST that is sent again is not done again."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from open_event_uploads.accounts.user import User
from open_event_uploads.context import current_storage, db
from open_event_uploads.database.types import now
from open_event_uploads.errors import StorageUnavailable
from open_event_uploads.jsonapi import idempotency as run_once
from open_event_uploads.jsonapi.idempotency_key import IdempotencyKey
from open_event_uploads.uploads.model import Upload
from tests.accounts import bearer
from tests.conftest import AppFactory
from tests.documents import COLLECTION, JSON_API, data_uri, document, only_error, post
from tests.examples import examples
from tests.images import picture

ADA = "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"
BOB = "5a0a0f3e-7c1f-4a55-8c0b-6f0e2b9a7c22"
TOKENS: dict[str, dict[str, str]] = {}
ATOMIC = f'{JSON_API};ext="https://jsonapi.org/ext/atomic"'
BODY = document({"data": data_uri(picture("PNG", (3, 2))), "alt": "Stage"})


@pytest.fixture
def app(make_app: AppFactory) -> Iterator[Flask]:
    """An application that two people have tokens of."""
    app = make_app(anonymous_uploads=True)
    with app.app_context():
        db.session.add_all([User(id=ADA, name="Ada"), User(id=BOB, name="Bob")])
        db.session.commit()
        db.session.remove()
        TOKENS.update({user: bearer(app, user) for user in (ADA, BOB)})
        yield app


def again(
    client: FlaskClient,
    body: object = BODY,
    *,
    key: str = '"one"',
    user: str | None = ADA,
    address: str = COLLECTION,
) -> TestResponse:
    headers = {"Idempotency-Key": key} | (TOKENS[user] if user else {})
    content_type = ATOMIC if address.endswith("operations") else JSON_API
    return client.post(address, data=json.dumps(body), content_type=content_type, headers=headers)


def counted() -> tuple[int, int]:
    """How many rows there are, and how many stored objects."""
    rows = db.session.scalar(select(func.count()).select_from(Upload)) or 0
    db.session.rollback()
    return rows, len(list(current_storage().objects()))


def test_the_first_answer_comes_again(client: FlaskClient) -> None:
    first, second = again(client), again(client)
    assert first.status_code == second.status_code == 201
    assert first.data == second.data
    for name in ("Location", "ETag", "Content-Type", "Vary"):
        assert first.headers[name] == second.headers[name]
    assert counted() == (1, 1)


def test_what_it_made_belongs_to_who_sent_it(client: FlaskClient) -> None:
    made = again(client).json
    assert made["data"]["relationships"]["owner"]["data"] == {"type": "users", "id": ADA}  # type: ignore[index]  # it has a body


def test_the_same_bytes_spelled_otherwise_are_the_same_request(client: FlaskClient) -> None:
    attributes = BODY["data"]["attributes"]
    spaced = attributes | {"data": attributes["data"].replace(",", ",\n ")}
    first = again(client)
    second = again(
        client, {"data": {"attributes": dict(reversed(spaced.items())), "type": "uploads"}}
    )
    assert first.data == second.data
    assert counted() == (1, 1)


def test_a_key_with_quotes_is_the_same_as_one_without(client: FlaskClient) -> None:
    assert again(client, key='"one"').data == again(client, key="one").data


@pytest.mark.parametrize(
    ("body", "address"),
    [
        (document({**BODY["data"]["attributes"], "alt": "Other"}), COLLECTION),
        (document({"data": data_uri(picture("PNG", (4, 2))), "alt": "Stage"}), COLLECTION),
        (BODY, f"{COLLECTION}?include=owner"),
        ({"atomic:operations": [{"op": "add", **BODY}]}, "/v1/operations"),
    ],
    ids=["other text", "other bytes", "other answer", "other address"],
)
def test_another_request_with_the_same_key_is_refused(
    client: FlaskClient, body: object, address: str
) -> None:
    again(client)
    response = again(client, body, address=address)
    assert response.status_code == 422
    (error,) = response.json["errors"]  # type: ignore[index]  # it has a body
    assert error["code"] == "idempotency-key-reused"
    assert error["source"] == {"header": "Idempotency-Key"}
    assert counted() == (1, 1)


def test_another_key_is_another_request(client: FlaskClient) -> None:
    assert again(client).headers["Location"] != again(client, key='"two"').headers["Location"]


def test_a_key_is_its_users_own(client: FlaskClient) -> None:
    ours, theirs = again(client), again(client, user=BOB)
    assert theirs.status_code == 201
    assert ours.headers["Location"] != theirs.headers["Location"]


def test_without_an_identity_a_key_means_nothing(stranger: FlaskClient) -> None:
    ours, theirs = again(stranger, user=None, key='"'), again(stranger, user=None, key='"')
    assert ours.headers["Location"] != theirs.headers["Location"]
    assert counted() == (2, 2)


@pytest.mark.parametrize("key", ["", '"', '"one', 'one"', "one two", "a" * 256, '"é"', '"a";b=1'])
def test_a_malformed_key_is_refused(client: FlaskClient, key: str) -> None:
    error = only_error(again(client, key=key))
    assert (error["status"], error["source"]) == ("400", {"header": "Idempotency-Key"})
    assert counted() == (0, 0)


@given(key=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=260))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(30))
def test_any_key_is_understood_or_refused(client: FlaskClient, key: str) -> None:
    first = again(client, key=key)
    assert first.status_code in {201, 400}
    if first.status_code == 201:
        assert again(client, key=key).data == first.data


def test_operations_are_not_run_again(client: FlaskClient) -> None:
    body = {"atomic:operations": [{"op": "add", **BODY}, {"op": "add", **BODY}]}
    first = again(client, body, address="/v1/operations")
    second = again(client, body, address="/v1/operations")
    assert first.status_code == 200
    assert (first.data, first.content_type) == (second.data, second.content_type)
    assert counted() == (2, 2)


def test_an_answer_without_a_document_comes_again(client: FlaskClient) -> None:
    id_ = post(client, BODY, headers=TOKENS[ADA]).json["data"]["id"]  # type: ignore[index]  # it has a body
    body = {"atomic:operations": [{"op": "remove", "ref": {"type": "uploads", "id": id_}}]}
    assert again(client, body, address="/v1/operations").status_code == 204
    # It is gone by now, and removing it anew would be a 404.
    assert again(client, body, address="/v1/operations").status_code == 204


def test_a_refused_request_leaves_its_key_free(client: FlaskClient) -> None:
    assert again(client, document({"data": data_uri(b"no image")})).status_code == 422
    assert again(client).status_code == 201


def test_a_failed_request_may_be_sent_again(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(type(current_storage()), "put", fail)
        assert again(client).status_code == 503
    assert again(client).status_code == 201
    assert counted() == (1, 1)


def test_a_request_that_is_still_running_is_not_run_beside_itself(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived, go_on = threading.Event(), threading.Event()
    put = type(current_storage()).put

    def wait(*arguments: Any) -> None:  # noqa: ANN401 - the storage's own
        arrived.set()
        assert go_on.wait(20)
        put(*arguments)

    monkeypatch.setattr(type(current_storage()), "put", wait)
    first: list[TestResponse] = []
    thread = threading.Thread(target=lambda: first.append(again(app.test_client())))
    thread.start()
    assert arrived.wait(20)
    second = again(app.test_client())
    go_on.set()
    thread.join()
    assert only_error(second)["code"] == "idempotency-key-in-use"
    assert (second.status_code, second.headers["Retry-After"]) == (409, "1")
    assert first[0].status_code == 201
    assert again(app.test_client()).data == first[0].data


def test_of_many_at_once_one_is_run(app: Flask) -> None:
    answers: list[TestResponse] = []
    threads = [
        threading.Thread(target=lambda: answers.append(again(app.test_client()))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {each.status_code for each in answers} <= {201, 409}
    assert len({each.data for each in answers if each.status_code == 201}) == 1
    assert counted() == (1, 1)


def test_a_request_that_was_killed_may_be_sent_again_later(client: FlaskClient) -> None:
    reserve("one")
    assert again(client).status_code == 422  # nobody knows what it was
    age(run_once.RUNNING)
    assert again(client).status_code == 201


def reserve(key: str) -> None:
    """As a process leaves it that is killed while it works."""
    expires_at = now() + run_once.RUNNING
    db.session.add(
        IdempotencyKey(user_id=ADA, key=key, fingerprint="f" * 64, expires_at=expires_at)
    )
    db.session.commit()


def age(by: timedelta) -> None:
    """Have the time of every key come nearer."""
    expires_at = IdempotencyKey.expires_at
    earliest = db.session.scalars(select(expires_at)).one()
    db.session.execute(update(IdempotencyKey).values(expires_at=earliest - by))
    db.session.commit()


def test_an_attempt_that_was_taken_for_dead_does_nothing(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = type(current_storage()).put

    def overtaken(*arguments: Any) -> None:  # noqa: ANN401 - the storage's own
        monkeypatch.setattr(type(current_storage()), "put", put)
        age(run_once.RUNNING)
        assert again(client).status_code == 201
        put(*arguments)

    monkeypatch.setattr(type(current_storage()), "put", overtaken)
    assert again(client).status_code == 409
    assert counted() == (1, 1)
    assert again(client).status_code == 201
    assert counted() == (1, 1)


def test_a_result_is_forgotten_in_time(client: FlaskClient) -> None:
    first = again(client)
    age(run_once.KEPT)
    assert again(client, key='"two"').status_code == 201
    keys = db.session.scalars(select(IdempotencyKey.key)).all()
    db.session.rollback()
    assert keys == ["two"]
    assert again(client).headers["Location"] != first.headers["Location"]


def test_what_is_remembered_and_what_is_done_become_durable_together(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(run_once, "_keep", fail)
        client.application.config["PROPAGATE_EXCEPTIONS"] = False
        assert again(client).status_code == 500
    assert counted() == (0, 0)
    assert again(client).status_code == 201


def test_of_each_user_so_many_answers_are_kept(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_once, "MAX_KEPT", 2)
    for n in range(6):
        headers = {"Idempotency-Key": f"key-{n}"}
        assert client.post(COLLECTION, json=BODY, content_type=JSON_API, headers=headers)
    with app.app_context():
        kept = set(db.session.scalars(select(IdempotencyKey.key)))
    assert kept == {"key-3", "key-4", "key-5"}
