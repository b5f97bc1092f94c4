"""The same thing a hundred times at once, and two of what should be one."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pytest

from tests.documents import COLLECTION
from tests.faults.deployment import Deployment
from tests.faults.operations import ask, change, content_of, upload
from tests.images import noise
from tests.traffic import fresh_picture, path_of

pytestmark = [pytest.mark.server, pytest.mark.default_stack("has a stack of its own")]

HUNDRED = 100
METRICS_TOKEN = "m" * 40


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    found = Deployment(tmp_path_factory.mktemp("at-once"), {"metrics_token": METRICS_TOKEN})
    yield found
    found.close()


@pytest.fixture(autouse=True)
def _nothing_is_left_half_done(deployment: Deployment) -> Iterator[None]:
    yield
    assert deployment.problems() == []
    assert deployment.orphans() == set()


def at_once(work: Callable[[], int | None], times: int = HUNDRED) -> list[int | None]:
    """What each of so many says who begin together."""
    together = threading.Barrier(times)

    def begin(_: int) -> int | None:
        together.wait(30)
        return work()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(begin, range(times)))


def count(deployment: Deployment) -> int:
    found: int = json.loads(ask(deployment, "GET", COLLECTION)[1])["meta"]["count"]
    return found


def test_the_same_upload_is_made_a_hundred_times(deployment: Deployment) -> None:
    content, before = fresh_picture(), count(deployment)
    answers = at_once(lambda: ask(deployment, "POST", COLLECTION, content, "image/png")[0])
    assert set(answers) == {201}
    assert count(deployment) == before + HUNDRED


def test_the_same_upload_with_a_key_is_made_once(deployment: Deployment) -> None:
    content, before = fresh_picture(), count(deployment)

    def send() -> int:
        connection = HTTPConnection(deployment.server.address, timeout=60)
        fields = {
            "Authorization": f"Bearer {deployment.server.token}",
            "Content-Type": "image/png",
            "Idempotency-Key": "only-once",
        }
        connection.request("POST", COLLECTION, content, fields)
        status = connection.getresponse().status
        connection.close()
        return status

    answers = at_once(send)
    assert set(answers) <= {201, 409}
    assert 201 in answers
    assert send() == 201
    assert count(deployment) == before + 1


def test_the_same_change_is_made_a_hundred_times(deployment: Deployment) -> None:
    made = upload(deployment)
    assert set(at_once(lambda: change(deployment, made.id, alt="the same"))) == {200}
    attributes = json.loads(ask(deployment, "GET", f"{COLLECTION}/{made.id}")[1])["data"]
    assert attributes["attributes"]["alt"] == "the same"
    assert content_of(deployment, made.id) == made.content


def test_the_same_new_content_is_kept_once(deployment: Deployment) -> None:
    made, content = upload(deployment), fresh_picture()
    path, before = f"{COLLECTION}/{made.id}/content", len(deployment.keys())
    assert set(at_once(lambda: ask(deployment, "PUT", path, content, "image/png")[0])) == {200}
    assert content_of(deployment, made.id) == content
    assert len(deployment.keys()) == before


def test_one_of_a_hundred_deletes_it(deployment: Deployment) -> None:
    made = upload(deployment)
    answers = at_once(lambda: ask(deployment, "DELETE", f"{COLLECTION}/{made.id}")[0])
    assert sorted(filter(None, answers)) == [204] + [404] * (HUNDRED - 1)


def test_a_variant_is_made_once_for_a_hundred(deployment: Deployment) -> None:
    status, body = ask(deployment, "POST", COLLECTION, noise((1200, 900)), "image/jpeg")
    assert status == 201
    id_ = json.loads(body)["data"]["id"]
    variants = json.loads(ask(deployment, "GET", f"{COLLECTION}/{id_}/variants")[1])["data"]
    path, before = path_of(variants[0]), made_so_far(deployment)
    found = set[str]()

    def fetch() -> int | None:
        status, content = ask(deployment, "GET", path)
        found.add(hashlib.sha256(content).hexdigest())
        return status

    assert set(at_once(fetch)) == {200}
    assert len(found) == 1
    assert made_so_far(deployment) == before + 1


def made_so_far(deployment: Deployment) -> float:
    connection = HTTPConnection(deployment.server.address, timeout=30)
    connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    text = connection.getresponse().read().decode()
    connection.close()
    lines = [each for each in text.splitlines() if each.startswith("uploads_variants_made_total")]
    return sum(float(each.rpartition(" ")[2]) for each in lines)


def test_whoever_downloads_what_is_deleted_has_all_or_nothing(deployment: Deployment) -> None:
    content = noise((1600, 1600), quality=95)
    status, body = ask(deployment, "POST", COLLECTION, content, "image/jpeg")
    assert status == 201
    resource = json.loads(body)["data"]
    results = list[tuple[int | None, bytes]]()
    begun = threading.Barrier(21)

    def download() -> None:
        begun.wait(30)
        for _ in range(10):
            results.append(ask(deployment, "GET", path_of(resource)))

    threads = [threading.Thread(target=download) for _ in range(20)]
    for each in threads:
        each.start()
    begun.wait(30)
    assert ask(deployment, "DELETE", f"{COLLECTION}/{resource['id']}")[0] == 204
    for each in threads:
        each.join()
    assert {status for status, _ in results} <= {200, 404}
    assert all(found == content for status, found in results if status == 200)
    assert results[-1][0] == 404


def test_two_sweepers_at_once_and_a_hundred_uploads_beside_them(deployment: Deployment) -> None:
    made = [upload(deployment) for _ in range(5)]
    statuses = list[int]()
    sweepers = [
        threading.Thread(target=lambda: statuses.append(deployment.manage("sweep")))
        for _ in range(2)
    ]
    for each in sweepers:
        each.start()
    with ThreadPoolExecutor(8) as pool:
        made += pool.map(lambda _: upload(deployment), range(HUNDRED))
    for each in sweepers:
        each.join()
    assert statuses == [0, 0]
    assert all(content_of(deployment, each.id) == each.content for each in made)
