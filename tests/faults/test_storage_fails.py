"""A storage that is gone, silent, slow, broken, cut off or lies, under the real server."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, IncompleteRead
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.documents import COLLECTION
from tests.faults.deployment import Deployment
from tests.faults.operations import ask, content_of, upload
from tests.faults.proxy import Fault, Proxy
from tests.faults.resumable import Sending, append, begun, go_on, offset_of
from tests.images import noise
from tests.s3 import S3Server
from tests.traffic import fresh_picture, path_of

pytestmark = [pytest.mark.server, pytest.mark.default_stack("stands before an S3 server itself")]

# Three attempts of ten seconds, and what is between them.
PATIENCE_SECONDS = 35


@pytest.fixture
def proxy(s3: S3Server) -> Iterator[Proxy]:
    found = Proxy(s3.endpoint)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield found
    found.shutdown()
    found.server_close()


@pytest.fixture
def deployment(tmp_path: Path, s3: S3Server, proxy: Proxy) -> Iterator[Deployment]:
    url = s3.url().replace(s3.endpoint, proxy.endpoint)
    found = Deployment(tmp_path, {"storage_url": url})
    yield found
    found.close()


def answer(
    deployment: Deployment, method: str, path: str, body: bytes | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Status, header fields and body."""
    connection = HTTPConnection(deployment.server.address, timeout=PATIENCE_SECONDS + 10)
    headers = {"Authorization": f"Bearer {deployment.server.token}"}
    if body is not None:
        headers["Content-Type"] = "image/png"
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("fault", ["gone", "silent", "500", "cut"])
def test_it_is_said_in_time_and_metadata_are_read_meanwhile(
    deployment: Deployment, proxy: Proxy, fault: Fault
) -> None:
    before = upload(deployment)
    with proxy.behaving(fault), ThreadPoolExecutor(8) as pool:
        started = time.monotonic()
        failing = [
            pool.submit(answer, deployment, "POST", COLLECTION, fresh_picture()) for _ in "…" * 4
        ]
        failing += [pool.submit(answer, deployment, "GET", before.path) for _ in range(4)]
        for _ in range(5):
            began = time.monotonic()
            assert ask(deployment, "GET", COLLECTION)[0] == 200
            assert ask(deployment, "GET", f"{COLLECTION}/{before.id}")[0] == 200
            assert time.monotonic() - began < PATIENCE_SECONDS / 5
        for each in failing:
            status, headers, body = each.result()
            (error,) = json.loads(body)["errors"]
            assert (status, error["code"]) == (503, "storage-unavailable")
            assert int(headers["retry-after"]) > 0
        assert time.monotonic() - started < PATIENCE_SECONDS
    assert_recovers(deployment)
    assert content_of(deployment, before.id) == before.content


def assert_recovers(deployment: Deployment) -> None:
    """At once, without a restart, and with nothing half-done."""
    with ThreadPoolExecutor(8) as pool:
        began = time.monotonic()
        assert len(list(pool.map(upload, [deployment] * 16))) == 16
        assert time.monotonic() - began < 5
    assert deployment.problems() == []
    deployment.sweep()
    assert deployment.orphans() == set()
    assert len(deployment.owned()) == len(deployment.keys())


@pytest.mark.parametrize("fault", ["gone", "500", "cut"])
def test_a_resumable_upload_goes_on_when_it_is_back(
    deployment: Deployment, proxy: Proxy, fault: Fault
) -> None:
    middle, end = Sending(fresh_picture()), Sending(fresh_picture())
    size = len(middle.content)
    begun(deployment, middle, size // 3)
    begun(deployment, end, len(end.content) - 1)
    with proxy.behaving(fault):
        assert append(deployment, middle, size // 2) == 503
        assert append(deployment, end, len(end.content)) == 503
        # Where they are stands in the database.
        assert offset_of(deployment, middle) == size // 3
        assert offset_of(deployment, end) == len(end.content) - 1
    go_on(deployment, middle)
    go_on(deployment, end)
    assert_recovers(deployment)


def test_a_slow_one_is_waited_for(deployment: Deployment, proxy: Proxy) -> None:
    with proxy.behaving("slow"):
        made = upload(deployment)
        assert content_of(deployment, made.id) == made.content


def test_whoever_reads_a_file_that_is_cut_off_notices(deployment: Deployment, proxy: Proxy) -> None:
    content = noise((2000, 2000), quality=95)
    assert len(content) > 2 * 1024**2
    status, body = ask(deployment, "POST", COLLECTION, content, "image/jpeg")
    assert status == 201
    path = path_of(json.loads(body)["data"])
    with proxy.behaving("cut"), pytest.raises((IncompleteRead, ConnectionError)):
        answer(deployment, "GET", path)
    assert answer(deployment, "GET", path)[2] == content


def test_one_that_kept_something_else_is_not_believed(deployment: Deployment, proxy: Proxy) -> None:
    assert ask(deployment, "GET", "/v1")[0] == 200  # the start needs a storage that can be believed
    with proxy.behaving("lies"):
        status, _, body = answer(deployment, "POST", COLLECTION, fresh_picture())
    assert status == 503, body
    assert deployment.owned() == set()
    deployment.sweep()
    assert deployment.keys() == set()


def test_a_request_that_changes_nothing_is_tried_three_times(
    deployment: Deployment, proxy: Proxy
) -> None:
    before = upload(deployment)
    with proxy.behaving("500"):
        assert answer(deployment, "GET", before.path)[0] == 503
        assert proxy.asked == 3


def test_the_address_is_the_proxys(deployment: Deployment, proxy: Proxy) -> None:
    """Else nothing here would be tested."""
    assert urlsplit(proxy.endpoint).netloc in deployment.settings["storage_url"]
    with proxy.behaving(""):
        upload(deployment)
        assert proxy.asked > 0
