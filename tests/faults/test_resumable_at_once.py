"""Several requests for one resumable upload at once: one of them has the lock, on any worker."""

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from open_event_uploads.context import db
from open_event_uploads.uploads.model import Upload
from tests.faults.deployment import Deployment
from tests.faults.operations import content_of
from tests.faults.resumable import (
    DESCRIBED,
    Sending,
    append,
    assert_whole,
    begin,
    begun,
    go_on,
    let_time_pass,
    offset_of,
    send,
    send_part,
    state,
)
from tests.faults.wire import answer_of, connect, head_of
from tests.images import noise
from tests.resumable import COLLECTION, MEDIA_TYPE, VERSION

pytestmark = [pytest.mark.server, pytest.mark.default_stack("has a stack of its own")]

FIFTY = 50
# The step of `finish` on a folder at which others are kept from the upload.
BEGUN = 7


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """One that keeps what stands behind the end of a picture, by which clients are told apart."""
    found = Deployment(tmp_path_factory.mktemp("at-once"), {"metadata": "keep"})
    yield found
    found.close()


@pytest.fixture(autouse=True)
def _nothing_is_left_half_done(deployment: Deployment) -> Iterator[None]:
    yield
    deployment.sweep()
    assert deployment.problems() == []
    assert deployment.orphans() == set()


def count(deployment: Deployment) -> int:
    with deployment.app.app_context():
        return db.session.scalar(select(func.count()).select_from(Upload)) or 0


def head(deployment: Deployment, sending: Sending, start: int, length: int) -> bytes:
    """Return the head of a PATCH."""
    fields = {
        **VERSION,
        "Content-Type": MEDIA_TYPE,
        "Upload-Offset": str(start),
        "Content-Length": str(length),
    }
    lines = [f"{name}: {value}" for name, value in fields.items()]
    return head_of(deployment.server, f"PATCH {sending.path}", *lines)


@contextmanager
def hanging(
    deployment: Deployment, sending: Sending, content: bytes, sent: int
) -> Iterator[socket.socket]:
    """Begin to send the rest of an upload, and stop after some bytes of it."""
    start = sending.acknowledged
    with closing(connect(deployment.server)) as connection:
        connection.sendall(head(deployment, sending, start, len(content) - start))
        connection.sendall(content[start : start + sent])
        # Until it has the lock; then its bytes are on the way to the file.
        time.sleep(0.2)
        yield connection


@pytest.mark.parametrize("waits", [False, True], ids=["at once", "when its bytes are written"])
def test_whoever_comes_back_takes_the_turn_from_a_connection_that_hangs(
    deployment: Deployment, *, waits: bool
) -> None:
    sending = begun(deployment, Sending(noise((600, 600))), 1000)
    other = sending.content[:-5000] + b"x" * 5000
    with hanging(deployment, sending, other, 60_000) as connection:
        if waits:
            time.sleep(1.5)
        asked = time.monotonic()
        go_on(deployment, sending)
        assert time.monotonic() - asked < 20
        connection.sendall(other[61_000:])
        assert answer_of(connection).status in {0, 409}
    location = state(deployment, sending).headers["content-location"]
    assert_whole(deployment, location, sending.content)


def test_a_connection_that_lost_the_turn_writes_nothing_among_the_bytes_of_the_next(
    deployment: Deployment,
) -> None:
    sending = begun(deployment, Sending(noise((600, 600))), 1000)
    other = b"x" * len(sending.content)
    with hanging(deployment, sending, other, 30_000) as old:
        offset = int(state(deployment, sending).headers["upload-offset"])
        # What it had sent may count: its client and the server agree about it.
        sent = other[1000:offset]
        sending.acknowledged = offset
        with hanging(deployment, sending, sending.content, 40_000) as new:
            old.sendall(other[31_000:])
            new.sendall(sending.content[offset + 40_000 :])
            statuses = {answer_of(old).status, answer_of(new).status}
    assert statuses <= {0, 204, 409, 422}
    if sent:
        assert state(deployment, sending).status == 404  # no picture: nothing is kept
    else:
        location = state(deployment, sending).headers["content-location"]
        assert_whole(deployment, location, sending.content)


def test_bytes_of_a_connection_that_lost_the_turn_are_no_part_of_the_file(
    deployment: Deployment,
) -> None:
    sending, deferred = Sending(noise((600, 600))), {"Upload-Defer-Length": "1", **DESCRIBED}
    answer = send(deployment, "POST", COLLECTION, b"", deferred)
    sending.path = urlsplit(answer.headers["location"]).path
    size = len(sending.content)
    assert append(deployment, sending, size) == 204
    with hanging(deployment, sending, sending.content + b"x" * 60_000, 30_000):
        time.sleep(1.5)  # by now they are written behind the others
        assert offset_of(deployment, sending) == size
        fields = {"Upload-Offset": str(size), "Upload-Length": str(size)}
        answer = send(deployment, "PATCH", sending.path, b"", fields)
        assert answer.status == 204
    assert_whole(deployment, answer.headers["content-location"], sending.content)


def test_clients_that_race_each_other_never_mix_their_bytes(deployment: Deployment) -> None:
    picture, clients = noise((100, 100)), 8
    versions = [picture + bytes([number]) * 200_000 for number in range(clients)]
    sending = Sending(versions[0])
    assert begin(deployment, sending) == 201
    acknowledged = list[tuple[int, int, int]]()

    def race(number: int) -> None:
        choice = random.Random(number)  # noqa: S311 - no secret
        until = time.monotonic() + 60
        while time.monotonic() < until:
            answer = send(deployment, "HEAD", sending.path)
            if "content-location" in answer.headers:
                return
            if answer.status != 204:
                continue
            start = int(answer.headers["upload-offset"])
            end = min(start + choice.randrange(1, 30_000), len(versions[number]))
            if patch_slowly(deployment, sending, start, versions[number][start:end]) == 204:
                acknowledged.append((start, end, number))

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(race, range(clients)))
    acknowledged.sort()
    answer = state(deployment, sending)
    content = content_of(deployment, answer.headers["content-location"].rpartition("/")[2])
    assert content is not None
    assert len(content) == len(versions[0])
    for start, end, number in acknowledged:
        assert content[start:end] == versions[number][start:end]
    assert all(one[1] <= next_[0] for one, next_ in pairwise(acknowledged))
    assert len({number for _, _, number in acknowledged}) > 1


def patch_slowly(deployment: Deployment, sending: Sending, start: int, part: bytes) -> int:
    """Send bytes in two halves, and return the status."""
    connection = HTTPConnection(deployment.server.address, timeout=30)
    with closing(connection):
        connection.connect()
        half = len(part) // 2
        connection.sock.sendall(head(deployment, sending, start, len(part)) + part[:half])
        time.sleep(random.random() / 50)  # noqa: S311 - no secret
        try:
            connection.sock.sendall(part[half:])
        except OSError:
            return 0
        return answer_of(connection.sock).status


def test_a_file_of_which_everybody_sends_the_last_byte_becomes_one_upload(
    deployment: Deployment,
) -> None:
    sending = Sending()
    size = len(sending.content)
    begun(deployment, sending, size - 1)
    before = count(deployment)

    def finish(_: int) -> int:
        return send_part(deployment, sending, size - 1, size).status

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(finish, range(10)))
    assert set(answers) <= {204, 409, 423}
    assert count(deployment) <= before + 1
    go_on(deployment, sending)
    assert count(deployment) == before + 1


@contextmanager
def paused(deployment: Deployment, step: int, act: Callable[[], int | None]) -> Iterator[list[int]]:
    """Begin something, and hold it at one of its steps; provide a list for its status."""
    statuses = list[int]()
    with deployment.armed(f"{step} pause"):
        acting = threading.Thread(target=lambda: statuses.append(act() or 0))
        acting.start()
        until = time.monotonic() + 30
        while len(deployment.passed()) < step:
            assert time.monotonic() < until
            time.sleep(0.01)
        yield statuses
    acting.join(30)


def test_nobody_interferes_with_a_completion(deployment: Deployment) -> None:
    sending = Sending()
    size = len(sending.content)
    begun(deployment, sending, size // 2)
    with paused(deployment, BEGUN, lambda: append(deployment, sending, size)) as statuses:
        for answer in (
            send(deployment, "HEAD", sending.path),
            send_part(deployment, sending, size // 2, size),
            send(deployment, "DELETE", sending.path),
        ):
            assert answer.status == 423
            assert int(answer.headers["retry-after"]) > 0
        assert deployment.manage("sweep") == 0
    assert statuses == [204]
    go_on(deployment, sending)


def test_a_completion_that_takes_too_long_makes_nothing_once_another_has_taken_over(
    deployment: Deployment,
) -> None:
    sending = Sending()
    size = len(sending.content)
    begun(deployment, sending, size // 2)
    before = count(deployment)
    with paused(deployment, BEGUN, lambda: append(deployment, sending, size)) as statuses:
        let_time_pass(deployment)
        go_on(deployment, sending)
    assert statuses == [409]
    go_on(deployment, sending)
    assert count(deployment) == before + 1


def test_after_a_kill_in_a_completion_it_can_be_finished_in_some_seconds(
    deployment: Deployment,
) -> None:
    sending = Sending()
    begun(deployment, sending, len(sending.content) // 2)
    with deployment.armed(str(BEGUN)):
        assert append(deployment, sending, len(sending.content)) is None
    deployment.notice_a_kill()
    assert deployment.server
    killed = time.monotonic()
    go_on(deployment, sending)
    # tus-js-client tries again for nine seconds, if nobody tells it otherwise.
    assert time.monotonic() - killed < 9


def test_another_worker_goes_on_when_one_is_killed(deployment: Deployment) -> None:
    sending = begun(deployment, Sending(noise((600, 600))), 1000)
    with hanging(deployment, sending, sending.content, 60_000):
        deployment.server.kill_a_worker()
        go_on(deployment, sending)


def test_whoever_ends_an_upload_ends_what_is_on_its_way(deployment: Deployment) -> None:
    sending = begun(deployment, Sending(noise((600, 600))), 1000)
    with hanging(deployment, sending, sending.content, 60_000) as connection:
        assert send(deployment, "DELETE", sending.path).status == 204
        connection.sendall(sending.content[61_000:])
        assert answer_of(connection).status in {0, 404, 409}
    assert state(deployment, sending).status == 404


def test_a_sweep_leaves_what_is_on_its_way(deployment: Deployment) -> None:
    sending = begun(deployment, Sending(noise((600, 600))), 1000)
    with hanging(deployment, sending, sending.content, 60_000) as connection:
        assert deployment.manage("sweep") == 0
        deployment.sweep()  # without a grace period: pieces belong to their rows
        connection.sendall(sending.content[61_000:])
        assert answer_of(connection).status == 204
    go_on(deployment, sending)


def test_fifty_uploads_arrive_side_by_side(deployment: Deployment) -> None:
    sendings = [Sending() for _ in range(FIFTY)]

    def send_all(sending: Sending) -> None:
        size = len(sending.content)
        begun(deployment, sending, size // 3)
        for end in (2 * size // 3, size):
            assert append(deployment, sending, end) == 204

    with ThreadPoolExecutor(FIFTY) as pool:
        list(pool.map(send_all, sendings))
    for sending in sendings:
        go_on(deployment, sending)


def test_parts_that_are_put_together_twice_at_once_become_one_upload(
    deployment: Deployment,
) -> None:
    whole = Sending()
    half = len(whole.content) // 2
    parts = [Sending(whole.content[:half]), Sending(whole.content[half:])]
    for part in parts:
        begun(deployment, part, len(part.content), {"Upload-Concat": "partial"})
    before = count(deployment)
    fields = {"Upload-Concat": f"final;{' '.join(each.path for each in parts)}"}

    def concatenate(_: int) -> int:
        return send(deployment, "POST", COLLECTION, b"", fields).status

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(concatenate, range(8)))
    assert set(answers) <= {201, 409}
    assert concatenate(0) == 201
    assert count(deployment) == before + 1
