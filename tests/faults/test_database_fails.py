"""A database that is gone, stopped, or started again, under the real server."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.documents import COLLECTION
from tests.faults.deployment import Deployment
from tests.faults.operations import content_of, upload
from tests.faults.resumable import Sending, append, begun, go_on, send
from tests.faults.wire import answer_of, connect, head_of
from tests.postgres import PostgresServer
from tests.resumable import MEDIA_TYPE, VERSION
from tests.traffic import fresh_picture

pytestmark = [pytest.mark.server, pytest.mark.default_stack("ends PostgreSQL itself")]


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    """One that is there to be mistreated."""
    server = PostgresServer(durable=True)
    yield server
    server.remove()


@pytest.fixture
def deployment(tmp_path: Path, postgres: PostgresServer) -> Iterator[Deployment]:
    settings = {"database_url": postgres.create("faults"), "database_statement_timeout": 3}
    found = Deployment(tmp_path, settings)
    yield found
    found.close()


def post(deployment: Deployment) -> tuple[int, dict[str, str], bytes]:
    """Status, header fields and body."""
    connection = HTTPConnection(deployment.server.address, timeout=60)
    fields = {"Authorization": f"Bearer {deployment.server.token}", "Content-Type": "image/png"}
    try:
        connection.request("POST", COLLECTION, fresh_picture(), fields)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def assert_unavailable(deployment: Deployment, seconds: float) -> None:
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        for status, headers, body in pool.map(post, [deployment] * 8):
            (error,) = json.loads(body)["errors"]
            assert (status, error["code"]) == (503, "database-unavailable")
            assert int(headers["retry-after"]) > 0
    assert time.monotonic() - began < seconds


def assert_recovers(deployment: Deployment) -> None:
    with ThreadPoolExecutor(8) as pool:
        for status, _, body in pool.map(post, [deployment] * 16):
            assert status == 201, body
    assert deployment.problems() == []
    deployment.sweep()
    assert deployment.orphans() == set()


def test_one_that_is_killed_and_comes_back(
    deployment: Deployment, postgres: PostgresServer
) -> None:
    before = upload(deployment)
    postgres.kill()
    assert_unavailable(deployment, 10)
    postgres.start()
    assert_recovers(deployment)
    assert content_of(deployment, before.id) == before.content


def test_a_resumable_upload_goes_on_when_it_is_back(
    deployment: Deployment, postgres: PostgresServer
) -> None:
    sending = Sending()
    size = len(sending.content)
    begun(deployment, sending, size // 3)
    fields = (
        *(f"{name}: {text}" for name, text in VERSION.items()),
        *(f"Content-Type: {MEDIA_TYPE}", f"Upload-Offset: {size // 3}"),
        f"Content-Length: {size - size // 3}",
    )
    with connect(deployment.server) as connection:
        connection.sendall(head_of(deployment.server, f"PATCH {sending.path}", *fields))
        connection.sendall(sending.content[size // 3 : size // 2])
        time.sleep(0.5)  # by now it has the turn
        postgres.kill()
        connection.sendall(sending.content[size // 2 :])
        assert answer_of(connection).status == 503
    assert send(deployment, "HEAD", sending.path).status == 503
    assert append(deployment, sending, size) == 503
    postgres.start()
    go_on(deployment, sending)
    assert_recovers(deployment)


def test_one_that_is_stopped_and_goes_on(deployment: Deployment, postgres: PostgresServer) -> None:
    before = upload(deployment)
    with postgres.stopped():
        assert_unavailable(deployment, 30)
    assert_recovers(deployment)
    assert content_of(deployment, before.id) == before.content


def test_one_that_is_started_again_while_an_upload_comes_in(
    deployment: Deployment, postgres: PostgresServer
) -> None:
    server, content = deployment.server, fresh_picture()
    fields = (
        "Content-Type: image/png",
        f"Content-Length: {len(content)}",
        "Expect: 100-continue",
    )
    with connect(server) as connection:
        connection.sendall(head_of(server, f"POST {COLLECTION}", *fields))
        # The head has been judged, by a connection that is dead when the body has come.
        assert b" 100 " in connection.recv(100)
        connection.sendall(content[:20])
        postgres.stop()
        postgres.start()
        connection.sendall(content[20:])
        assert answer_of(connection).status == 201
    assert_recovers(deployment)
