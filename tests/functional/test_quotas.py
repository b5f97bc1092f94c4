"""A user may store so many bytes and send so many in a day, and no request gets past that."""

import json
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update
from werkzeug.test import TestResponse

from open_event_uploads.accounts.delete_user import delete_user
from open_event_uploads.context import db
from open_event_uploads.database.types import now
from open_event_uploads.uploads import quota as count_bytes
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.recount_usage import find_drift
from open_event_uploads.uploads.usage import Usage
from tests.conftest import AppFactory, Stranger
from tests.documents import COLLECTION, JSON_API, data_uri, document, only_error, post
from tests.examples import examples
from tests.functional.test_run_operations import add, remove, run
from tests.functional.test_run_operations import update as change
from tests.functional.test_sweep_and_verify import run as manage
from tests.images import picture
from tests.stored import StoredFiles
from tests.users import ADA, BOB, by, with_users

Limited = Callable[..., FlaskClient]


def sized(bytes_: int) -> bytes:
    """A picture of exactly so many bytes."""
    found = picture("GIF", (1, 1))
    # A GIF ends with a semicolon; before it stand comments, which `keep` keeps.
    missing = bytes_ - len(found) - 3
    assert 0 < missing <= 255
    return found[:-1] + b"\x21\xfe" + bytes([missing - 1]) + b"x" * (missing - 1) + b"\0" + b";"


SIZE = 100


@pytest.fixture
def limited(make_app: AppFactory) -> Limited:
    """A client of an application that keeps files as they are, with these settings."""

    def make(**settings: object) -> FlaskClient:
        app = with_users(make_app(metadata="keep", anonymous_uploads=True, **settings))
        return app.test_client()

    return make


def send(client: FlaskClient, size: int = SIZE, user: str | None = ADA) -> TestResponse:
    body = document({"data": data_uri(sized(size), "image/gif")})
    if user is None:
        return post(Stranger(client.application), body)
    return post(client, body, headers=by(user))


def replace(client: FlaskClient, id_: str, size: int) -> TestResponse:
    return client.put(f"{COLLECTION}/{id_}/content", data=sized(size), content_type="image/gif")


def usage(client: FlaskClient, user: str = ADA) -> tuple[int, int]:
    """What counts for a user: stored, and sent today."""
    with client.application.app_context():
        found = db.session.execute(
            select(Usage.stored_bytes, Usage.day_bytes).where(Usage.user_id == user)
        ).one_or_none()
    return (found[0], found[1]) if found else (0, 0)


def drift(app: Flask) -> list[object]:
    with app.app_context():
        return list(find_drift(engine=db.engine))


def id_of(response: TestResponse) -> str:
    assert response.status_code == 201, response.text
    found: str = response.json["data"]["id"]  # type: ignore[index]  # it has a body
    return found


# --- All files together -----------------------------------------------------------------------


def test_what_would_be_too_much_is_refused_and_stores_nothing(
    limited: Limited, stored_files: StoredFiles
) -> None:
    client = limited(quota_bytes=250)
    assert [send(client).status_code for _ in range(2)] == [201, 201]
    response = send(client)
    error = only_error(response)
    assert (error["status"], error["code"]) == ("403", "quota-exceeded")
    assert error["meta"] == {"limit": 250, "actual": 300}
    assert "Retry-After" not in response.headers
    assert len(stored_files()) == 2
    assert usage(client) == (200, 200)


@pytest.mark.parametrize(
    ("stored", "media_type", "length", "code"),
    [
        (1, JSON_API, 5, "quota-exceeded"),
        (1, "image/gif", 5, "quota-exceeded"),
        (0, JSON_API, 5, "invalid-json"),
        (0, "image/gif", SIZE + 1, "quota-exceeded"),
        (0, "image/gif", SIZE, "unsupported-file-type"),
    ],
    ids=["full", "full, raw", "not full", "too little left", "enough left"],
)
def test_what_cannot_be_within_the_quota_is_refused_before_it_is_read(
    limited: Limited, stored: int, media_type: str, length: int, code: str
) -> None:
    client = limited(quota_bytes=SIZE)
    for _ in range(stored):
        assert send(client).status_code == 201
    noise = b"x" * length
    response = client.post(COLLECTION, data=noise, content_type=media_type, headers=by(ADA))
    assert only_error(response)["code"] == code


def test_exactly_the_quota_is_allowed(limited: Limited) -> None:
    client = limited(quota_bytes=200)
    assert [send(client).status_code for _ in range(3)] == [201, 201, 403]


def test_what_is_deleted_makes_room(limited: Limited) -> None:
    client = limited(quota_bytes=100)
    id_ = id_of(send(client))
    assert send(client).status_code == 403
    client.delete(f"{COLLECTION}/{id_}")
    assert send(client).status_code == 201


def test_what_is_replaced_counts_its_difference_for_its_owner(limited: Limited) -> None:
    client = limited(quota_bytes=150)
    id_ = id_of(send(client))
    assert replace(client, id_, 151).status_code == 403
    assert replace(client, id_, 150).status_code == 200
    assert replace(client, id_, 60).status_code == 200
    assert usage(client) == (60, 310)
    assert send(client, 90).status_code == 201


def test_who_is_over_a_lowered_quota_may_still_make_files_smaller(
    limited: Limited, make_app: AppFactory
) -> None:
    id_ = id_of(send(limited()))
    lowered = make_app(metadata="keep", quota_bytes=50).test_client()
    assert replace(lowered, id_, 101).status_code == 403
    assert replace(lowered, id_, 99).status_code == 200


def test_operations_count_together_whatever_their_order(limited: Limited) -> None:
    client = limited(quota_bytes=200)
    old = id_of(send(client))
    new = add(sized(SIZE))
    refused = run(client, new, new, headers=by(ADA))
    assert refused.status_code == 403
    assert only_error_of(refused)["meta"] == {"limit": 200, "actual": 300}
    assert "source" not in only_error_of(refused)
    assert run(client, new, new, remove(id=old), headers=by(ADA)).status_code == 200
    assert usage(client) == (200, 300)


def only_error_of(response: TestResponse) -> dict[str, Any]:
    (error,) = response.json["errors"]  # type: ignore[index]  # it has a body
    found: dict[str, Any] = error
    return found


def test_open_events_files_count_too(limited: Limited) -> None:
    client = limited(quota_bytes=150)
    body = {"data": data_uri(sized(SIZE), "image/gif")}
    answers = [client.post("/v1/upload/image", json=body, headers=by(ADA)) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 403]
    assert only_error(answers[1])["code"] == "quota-exceeded"


def test_each_user_has_a_quota_of_their_own_and_nobody_has_none(limited: Limited) -> None:
    client = limited(quota_bytes=100)
    assert send(client).status_code == send(client, user=BOB).status_code == 201
    assert send(client).status_code == send(client, user=BOB).status_code == 403
    assert [send(client, user=None).status_code for _ in range(3)] == [201] * 3


def test_a_refused_upload_leaves_its_key_free(limited: Limited) -> None:
    client = limited(quota_bytes=100)
    id_ = id_of(send(client))
    again = {"Idempotency-Key": "one", **by(ADA)}
    body = document({"data": data_uri(sized(SIZE), "image/gif")})
    assert post(client, body, headers=again).status_code == 403
    client.delete(f"{COLLECTION}/{id_}")
    first, second = post(client, body, headers=again), post(client, body, headers=again)
    assert first.status_code == 201
    assert first.data == second.data
    assert usage(client) == (100, 200)


# --- In a day ---------------------------------------------------------------------------------


def test_a_day_has_so_many_bytes_deleted_or_not(limited: Limited) -> None:
    client = limited(daily_bytes=250)
    client.delete(f"{COLLECTION}/{id_of(send(client))}")
    id_ = id_of(send(client))
    response = send(client)
    error = only_error(response)
    assert (error["status"], error["code"]) == ("429", "daily-quota-exceeded")
    assert error["meta"] == {"limit": 250, "actual": 300}
    midnight = (now() + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    expected = (midnight - now()).total_seconds()
    assert expected <= int(response.headers["Retry-After"]) <= expected + 3
    assert replace(client, id_, 60).status_code == 429
    assert usage(client) == (100, 200)


def test_another_day_begins_with_nothing(limited: Limited, monkeypatch: pytest.MonkeyPatch) -> None:
    client = limited(daily_bytes=150)
    assert [send(client).status_code for _ in range(2)] == [201, 429]
    monkeypatch.setattr(count_bytes, "now", lambda: datetime.now(UTC) + timedelta(days=1))
    assert [send(client).status_code for _ in range(2)] == [201, 429]
    assert usage(client) == (200, 100)


def test_a_clock_that_is_behind_begins_no_day_anew(
    limited: Limited, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = limited(daily_bytes=150)
    assert send(client).status_code == 201
    monkeypatch.setattr(count_bytes, "now", lambda: datetime.now(UTC) - timedelta(days=1))
    assert send(client).status_code == 429


# --- At once ----------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["quota_bytes", "daily_bytes"])
def test_uploads_at_once_do_not_get_past_a_limit(limited: Limited, limit: str) -> None:
    client = limited(**{limit: 5 * SIZE})
    answers: list[int] = []
    gate = threading.Barrier(8)

    def several() -> None:
        gate.wait()
        own = client.application.test_client()
        answers.extend(send(own).status_code for _ in range(3))

    threads = [threading.Thread(target=several) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert answers.count(201) == 5
    assert usage(client) == (500, 500)
    assert drift(client.application) == []


# --- It never drifts --------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "replace", "patch", "delete", "operations", "again"]),
        st.sampled_from([ADA, BOB, None]),
        st.integers(60, 200),
        st.integers(0, 2**16),
    ),
    max_size=15,
)


def act(client: FlaskClient, verb: str, user: str | None, size: int, seed: int) -> None:
    """One change of whatever there is; it may be refused."""
    with client.application.app_context():
        ids = list(db.session.scalars(select(Upload.id).order_by(Upload.created_at)))
    chance = random.Random(seed)  # noqa: S311 - repeatable
    id_ = chance.choice(ids) if ids else "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a99"
    headers = by(user) if user else {}
    address = f"{COLLECTION}/{id_}"
    data = {"data": data_uri(sized(size), "image/gif")}
    if verb == "create":
        send(client, size, user)
    elif verb == "replace":
        replace(client, id_, size)
    elif verb == "patch":
        client.patch(address, json=document(data, id=id_), content_type=JSON_API)
    elif verb == "delete":
        client.delete(address)
    elif verb == "again":
        body = document(data)
        for _ in range(2):
            post(client, body, headers={**headers, "Idempotency-Key": str(seed)})
    else:
        run(client, *chance.choice(series(id_, size)), headers=headers)


def series(id_: str, size: int) -> list[list[object]]:
    """Operations that fit together, about an upload and a new one."""
    new, gone = add(sized(size), lid="new"), remove(lid="new")
    renewed = change({"lid": "new"}, data=data_uri(sized(260 - size), "image/gif"))
    changed = change({"id": id_}, data=data_uri(sized(size), "image/gif"))
    return [
        [new, add(sized(size))],
        [new, renewed],
        [new, renewed, gone],
        [new, gone, changed],
        [changed],
        [changed, remove(id=id_), new],
        [remove(id=id_), new, renewed],
    ]


@given(steps=STEPS)
@tries(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(25))
def test_whatever_is_done_the_count_is_the_sum(
    client_of_everybody: FlaskClient, steps: list[tuple[str, str | None, int, int]]
) -> None:
    client = client_of_everybody
    for step in steps:
        act(client, *step)
        assert drift(client.application) == []
    with client.application.app_context():
        largest = db.session.scalar(select(func.max(Usage.stored_bytes))) or 0
        assert 0 <= largest <= 600
        db.session.rollback()
        db.session.execute(delete(Upload))
        db.session.execute(delete(Usage))
        db.session.commit()


@pytest.fixture
def client_of_everybody(limited: Limited) -> FlaskClient:
    return limited(quota_bytes=600, rate_limits="off")


def test_verify_tells_of_a_count_that_somebody_changed_and_sets_it_right(limited: Limited) -> None:
    client = limited(quota_bytes=150)
    send(client)
    send(client, user=BOB)
    with client.application.app_context():
        db.session.execute(update(Usage).where(Usage.user_id == ADA).values(stored_bytes=7))
        db.session.execute(delete(Usage).where(Usage.user_id == BOB))
        db.session.commit()
    app = client.application
    status, output = manage(app, "verify", "--json", "--recount")
    found = [json.loads(line) for line in output.splitlines()]
    assert status == 1
    assert {(each.get("user_id"), each.get("counted"), each.get("stored")) for each in found} >= {
        (ADA, 7, 100),
        (BOB, 0, 100),
    }
    assert manage(app, "verify")[0] == 0
    assert send(client).status_code == 403
    assert usage(client, BOB)[0] == 100


def test_a_count_goes_with_its_user(limited: Limited) -> None:
    client = limited()
    client.delete(f"{COLLECTION}/{id_of(send(client))}")
    with client.application.app_context():
        delete_user(ADA, engine=db.engine)
        assert db.session.scalar(select(func.count()).select_from(Usage)) == 0
