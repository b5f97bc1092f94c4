"""Rates that several workers count together, in a real Redis."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from flask.testing import FlaskClient
from redis import Redis
from werkzeug.test import TestResponse

from open_event_uploads.server import rate_counter as meter
from open_event_uploads.server.redis_windows import open_redis
from tests.accounts import PASSWORD, account
from tests.blocked import counted
from tests.conftest import AppFactory, Stranger
from tests.documents import data_uri, document, post
from tests.images import picture
from tests.machine import redis_server
from tests.redis import RedisServer

pytestmark = pytest.mark.default_stack("rates are counted in Redis")

ONE = document({"data": data_uri(picture())})


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(redis_server(), tmp_path)
    yield server
    server.stop()


def strange_worker(make_app: AppFactory, redis: RedisServer) -> FlaskClient:
    """A worker that somebody uses of whom only the address is known."""
    settings = {"rate_limits": "3/minute", "anonymous_uploads": True}
    return Stranger(make_app(redis_url=redis.url, **settings))


@pytest.fixture
def worker(make_app: AppFactory, redis: RedisServer) -> FlaskClient:
    return strange_worker(make_app, redis)


def test_workers_count_together(
    make_app: AppFactory, redis: RedisServer, worker: FlaskClient
) -> None:
    other = strange_worker(make_app, redis)
    answers = [post(client, ONE).status_code for client in (worker, other, worker, other, worker)]
    assert answers == [201, 201, 201, 429, 429]


def test_what_is_counted_names_nobody_and_goes_by_itself(
    redis: RedisServer, worker: FlaskClient
) -> None:
    post(worker, ONE, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    store = Redis.from_url(redis.url)
    (key,) = cast("list[bytes]", store.keys())
    assert b"192.0.2.1" not in key
    assert 0 < cast("int", store.ttl(key)) <= 60
    store.close()


def test_a_thread_that_waits_for_redis_is_blocked(redis: RedisServer) -> None:
    windows = open_redis(redis.url)
    with counted() as blocked:
        assert windows.incr("key", 60) == windows.get("key") == 1
        assert windows.get_expiry("key") > 0
    assert blocked.begun == 3


def test_workers_count_attempts_to_sign_in_together_and_a_device_apart(
    make_app: AppFactory, redis: RedisServer
) -> None:
    settings = {"sign_in_rate_limits": "3/minute", "redis_url": redis.url}
    apps = [make_app(**settings), make_app(**settings)]
    account(apps[0])
    workers = [Stranger(each) for each in apps]

    def sign_in(worker: int, password: str, device: str | None = None) -> TestResponse:
        body = {"email": "ada@example.org", "password": password, "device_token": device}
        return workers[worker].post("/v1/auth/session", json=body)

    device = sign_in(0, PASSWORD).get_json()["device_token"]
    assert [sign_in(n % 2, "x").status_code for n in range(4)] == [401, 401, 429, 429]
    assert [sign_in(n % 2, "x", device).status_code for n in range(2)] == [401, 401]
    assert sign_in(0, PASSWORD, device).status_code == 200
    assert sign_in(1, PASSWORD, device).status_code == 429


def test_uploads_go_on_while_redis_is_away(
    redis: RedisServer,
    worker: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(logging.getLogger("open_event_uploads"), "propagate", True)
    monkeypatch.setattr(meter, "_AWAY_SECONDS", 0.2)
    post(worker, ONE)
    redis.stop()
    # The worker counts for itself meanwhile, from nothing.
    assert [post(worker, ONE).status_code for _ in range(4)] == [201, 201, 201, 429]
    assert [each for each in caplog.messages if "Redis cannot be reached" in each]
    redis.start()
    time.sleep(0.3)
    response = post(worker, ONE)
    assert response.status_code == 201
    assert "r=2;" in response.headers["RateLimit"]


def test_the_start_does_not_wait_for_redis(make_app: AppFactory) -> None:
    client = make_app(redis_url="redis://127.0.0.1:1/0", rate_limits="1/minute").test_client()
    begun = time.monotonic()
    assert [post(client, ONE).status_code for _ in range(2)] == [201, 429]
    assert time.monotonic() - begun < 5
