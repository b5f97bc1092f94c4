"""Begin each operation that writes, for a kill within it, and check the state afterwards."""

import hashlib
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPException
from typing import Any

from sqlalchemy import update

from open_event_uploads.context import current_storage, db
from open_event_uploads.database.types import now
from open_event_uploads.storage.moving import MovingStorage
from open_event_uploads.uploads.model import Upload
from tests.documents import COLLECTION, JSON_API
from tests.faults.deployment import Deployment
from tests.fetch import fetch
from tests.traffic import fresh_picture, path_of


@dataclass(slots=True)
class Acknowledged:
    """An upload that the server acknowledged.

    Args:
        id: of the resource.
        path: of its bytes.
        content: what they are.
    """

    id: str
    path: str
    content: bytes


@dataclass(slots=True)
class Attempt:
    """An operation that is about to begin.

    Args:
        act: does it; returns a status of HTTP or of a process, None where nobody answered.
        check: says of an answer whether what a deployment has now agrees with it.
        succeeds: what `act` returns at the end.
    """

    act: Callable[[], int | None]
    check: Callable[[Deployment, int | None], None]
    succeeds: int


Operation = Callable[[Deployment], Attempt]


def ask(
    deployment: Deployment,
    method: str,
    path: str,
    body: object = None,
    media_type: str = "",
    **headers: str,
) -> tuple[int | None, bytes]:
    """Return the answer of the server; None if it was killed meanwhile."""
    content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    try:
        return deployment.request(method, path, content, media_type or None, headers)
    except (OSError, HTTPException):
        return None, b""


def change(deployment: Deployment, id_: str, **attributes: object) -> int | None:
    body = {"data": {"type": "uploads", "id": id_, "attributes": attributes}}
    path, media_type = f"{COLLECTION}/{id_}", JSON_API
    return ask(deployment, "PATCH", path, body, media_type)[0]


def upload(deployment: Deployment) -> Acknowledged:
    content = fresh_picture()
    status, body = ask(deployment, "POST", COLLECTION, content, "image/png")
    assert status == 201, body
    resource = json.loads(body)["data"]
    return Acknowledged(resource["id"], path_of(resource), content)


def content_of(deployment: Deployment, id_: str) -> bytes | None:
    """Return the bytes at the current URL of a resource; None if there is none."""
    status, body = ask(deployment, "GET", f"{COLLECTION}/{id_}")
    if status == 404:
        return None
    assert status == 200, body
    status, content = ask(deployment, "GET", path_of(json.loads(body)["data"]))
    assert status == 200
    return content


def assert_sound(deployment: Deployment, witness: Acknowledged) -> None:
    """Fail unless rows and objects agree, and a sweep removes orphans and nothing else."""
    assert deployment.problems() == []
    deployment.sweep()
    assert deployment.orphans() == set()
    assert deployment.problems() == []
    assert content_of(deployment, witness.id) == witness.content


def create(deployment: Deployment) -> Attempt:
    content, told = fresh_picture(), list[Acknowledged]()

    def act() -> int | None:
        status, body = ask(deployment, "POST", COLLECTION, content, "image/png")
        if status == 201:
            resource = json.loads(body)["data"]
            told.append(Acknowledged(resource["id"], path_of(resource), content))
        return status

    def check(found: Deployment, _: int | None) -> None:
        for each in told:
            assert content_of(found, each.id) == content

    return Attempt(act, check, 201)


def replay(deployment: Deployment) -> Attempt:
    """Create something with an `Idempotency-Key`, and later ask again."""
    content, key, told = fresh_picture(), {"Idempotency-Key": str(uuid.uuid4())}, list[str]()

    def post(at: Deployment) -> tuple[int | None, str]:
        status, body = ask(at, "POST", COLLECTION, content, "image/png", **key)
        return status, json.loads(body)["data"]["id"] if status == 201 else ""

    def act() -> int | None:
        status, id_ = post(deployment)
        told.append(id_)
        return status

    def check(found: Deployment, status: int | None) -> None:
        again, id_ = post(found)
        if status == 201:
            assert (again, [id_]) == (201, told)
        # 409: the first request may still be running, for all that is known.
        assert again == 201 or (status is None and again == 409)
        assert again == 409 or content_of(found, id_) == content

    return Attempt(act, check, 201)


def replace(deployment: Deployment) -> Attempt:
    before, content = upload(deployment), fresh_picture()
    path = f"{COLLECTION}/{before.id}/content"

    def check(found: Deployment, status: int | None) -> None:
        allowed = {content} if status == 200 else {content, before.content}
        assert content_of(found, before.id) in allowed

    return Attempt(lambda: ask(deployment, "PUT", path, content, "image/png")[0], check, 200)


def delete(deployment: Deployment) -> Attempt:
    before = upload(deployment)
    path = f"{COLLECTION}/{before.id}"

    def check(found: Deployment, status: int | None) -> None:
        allowed = {None} if status == 204 else {None, before.content}
        assert content_of(found, before.id) in allowed

    return Attempt(lambda: ask(deployment, "DELETE", path)[0], check, 204)


def hide(deployment: Deployment) -> Attempt:
    before = upload(deployment)

    def check(found: Deployment, status: int | None) -> None:
        assert content_of(found, before.id) == before.content
        if status == 200:
            assert ask(found, "GET", before.path)[0] == 404

    return Attempt(lambda: change(deployment, before.id, visibility="private"), check, 200)


def make_a_variant(deployment: Deployment) -> Attempt:
    before = upload(deployment)
    _, body = ask(deployment, "GET", f"{COLLECTION}/{before.id}/variants")
    path = path_of(json.loads(body)["data"][0])

    def check(found: Deployment, _: int | None) -> None:
        assert ask(found, "GET", path)[0] == 200

    return Attempt(lambda: ask(deployment, "GET", path)[0], check, 200)


def announce(deployment: Deployment) -> Attempt:
    def act() -> int | None:
        return announced(deployment, fresh_picture())[0]

    return Attempt(act, lambda *_: None, 201)


def announced(deployment: Deployment, content: bytes) -> tuple[int | None, dict[str, Any], str]:
    """Announce an upload; return the status, the signed request for its bytes, and its id."""
    attributes = {
        "filename": "talk.png",
        "media-type": "image/png",
        "size": len(content),
        "checksum": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }
    body = {"data": {"type": "uploads", "attributes": attributes}}
    status, answer = ask(deployment, "POST", COLLECTION, body, JSON_API)
    if status != 201:
        return status, {}, ""
    document = json.loads(answer)
    return status, document["data"]["meta"]["upload"], document["data"]["id"]


def publish(deployment: Deployment) -> Attempt:
    return _publish(deployment, fresh_picture(), 200)


def publish_what_is_no_image(deployment: Deployment) -> Attempt:
    return _publish(deployment, b"no picture at all", 422)


def _publish(deployment: Deployment, content: bytes, succeeds: int) -> Attempt:
    _, leave, id_ = announced(deployment, content)
    assert fetch(leave["url"], leave["method"], content, **leave["headers"]).status == 200

    def check(found: Deployment, status: int | None) -> None:
        if status == 200:
            assert content_of(found, id_) == content
        elif succeeds == 200:
            # Whoever heard nothing asks again.
            assert change(found, id_, status="ready") == 200
            assert content_of(found, id_) == content

    return Attempt(lambda: change(deployment, id_, status="ready"), check, succeeds)


def sweep(deployment: Deployment) -> Attempt:
    """Sweep an expired upload, and an object that belongs to no row."""
    expired = upload(deployment)
    with deployment.app.app_context():
        over = now() - timedelta(days=1)
        statement = update(Upload).where(Upload.id == expired.id).values(expires_at=over)
        db.session.execute(statement)
        db.session.commit()
        current_storage().put(f"00000000-0000-4000-8000-{time.time_ns() % 10**12:012}.png", b"x")

    def act() -> int | None:
        return finished(deployment.manage("sweep", "--grace-hours", "0", "--force"))

    def check(found: Deployment, status: int | None) -> None:
        if status == 0:
            assert found.orphans() == set()

    return Attempt(act, check, 0)


def finished(status: int) -> int | None:
    """Return the exit status of a process; None if it was killed."""
    return None if status < 0 else status


def quarantine(deployment: Deployment) -> Attempt:
    """Quarantine an upload whose stored bytes were damaged."""
    damaged = upload(deployment)
    key = damaged.path.rpartition("/")[2]
    with deployment.app.app_context():
        current_storage().delete(key)
        current_storage().put(key, b"x" * len(damaged.content))

    def check(found: Deployment, _: int | None) -> None:
        assert finished(found.manage("verify", "--quarantine")) is not None
        assert ask(found, "GET", damaged.path)[0] == 404
        # It is over for this one; the others are judged after it.
        assert ask(found, "DELETE", f"{COLLECTION}/{damaged.id}")[0] == 204

    return Attempt(lambda: finished(deployment.manage("verify", "--quarantine")), check, 1)


def move(deployment: Deployment) -> Attempt:
    """Move an upload that only the previous storage has."""
    return _move(deployment, "move-storage")


def empty_previous(deployment: Deployment) -> Attempt:
    """Delete from the previous storage an upload that both have."""
    return _move(deployment, "move-storage", "--empty-previous")


def _move(deployment: Deployment, *command: str) -> Attempt:
    there = upload(deployment)
    key = there.path.rpartition("/")[2]
    with deployment.app.app_context():
        storage = current_storage()
        assert isinstance(storage, MovingStorage)
        storage.previous.put(key, there.content)
        if len(command) == 1:
            storage.current.delete(key)

    def check(found: Deployment, status: int | None) -> None:
        assert content_of(found, there.id) == there.content
        # An operator begins again, and it goes on where it was.
        assert status == 0 or found.manage(*command) == 0
        with found.app.app_context():
            now_at = current_storage()
            assert isinstance(now_at, MovingStorage)
            with now_at.current.open(key) as moved:
                assert moved.read() == there.content

    return Attempt(lambda: finished(deployment.manage(*command)), check, 0)
