"""Begin each operation of a resumable upload, for a fault within it, and check what is left.

Whatever happens, a client goes on from the offset that HEAD tells, and its file arrives whole.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from http.client import HTTPException
from urllib.parse import urlsplit

from sqlalchemy import func, select, update

from open_event_uploads.context import db
from open_event_uploads.database.types import now
from open_event_uploads.storage.keys import is_partial
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.resumable.model import ResumableUpload
from tests.documents import COLLECTION as UPLOADS
from tests.faults.deployment import Deployment
from tests.faults.operations import Attempt, content_of
from tests.fetch import Fetched
from tests.images import noise
from tests.resumable import COLLECTION, MEDIA_TYPE, VERSION, metadata
from tests.server import NO_HEADERS
from tests.traffic import fresh_picture

# Longer than an upload of a few megabytes is kept from others while it may be being completed.
PATIENCE_SECONDS = 60.0

NO_ANSWER = Fetched(0, {}, b"")
DESCRIBED = {"Upload-Metadata": metadata(alt="The stage", filename="stage.png")}


@dataclass(slots=True)
class Sending:
    """A resumable upload as its client knows it.

    Args:
        content: the file.
        path: of the upload; empty as long as the client was not told.
        acknowledged: the highest offset that was acknowledged.
    """

    content: bytes = field(default_factory=fresh_picture)
    path: str = ""
    acknowledged: int = 0


def send(
    deployment: Deployment,
    method: str,
    path: str,
    body: bytes = b"",
    fields: Mapping[str, str] = NO_HEADERS,
) -> Fetched:
    """Return the answer of the server; `NO_ANSWER` if it was killed meanwhile."""
    media_type = MEDIA_TYPE if body or method == "PATCH" else None
    try:
        return deployment.exchange(method, path, body, media_type, {**VERSION, **fields})
    except (OSError, HTTPException):
        return NO_ANSWER


def begin(
    deployment: Deployment, sending: Sending, fields: Mapping[str, str] = NO_HEADERS
) -> int | None:
    """Begin an upload, with a description that must not be lost."""
    described = {"Upload-Length": str(len(sending.content)), **DESCRIBED, **fields}
    answer = send(deployment, "POST", COLLECTION, b"", described)
    if answer.status == 201:
        sending.path = urlsplit(answer.headers["location"]).path
    return answer.status or None


def append(deployment: Deployment, sending: Sending, end: int) -> int | None:
    """Send the bytes from those that were acknowledged to an end."""
    at = sending.acknowledged
    answer = send_part(deployment, sending, at, end)
    if answer.status == 204:
        assert int(answer.headers["upload-offset"]) == end
        sending.acknowledged = end
    return answer.status or None


def send_part(deployment: Deployment, sending: Sending, start: int, end: int) -> Fetched:
    part = sending.content[start:end]
    return send(deployment, "PATCH", sending.path, part, {"Upload-Offset": str(start)})


def begun(
    deployment: Deployment,
    sending: Sending,
    end: int = 0,
    fields: Mapping[str, str] = NO_HEADERS,
) -> Sending:
    """Begin an upload, and send what stands before an end."""
    assert begin(deployment, sending, fields) == 201
    assert append(deployment, sending, end) == 204
    return sending


def state(deployment: Deployment, sending: Sending) -> Fetched:
    """Return how HEAD is answered, once nobody seems to be completing the upload."""
    until = time.monotonic() + PATIENCE_SECONDS
    answer = send(deployment, "HEAD", sending.path)
    while answer.status in {423, 503} and time.monotonic() < until:
        time.sleep(0.2)
        answer = send(deployment, "HEAD", sending.path)
    return answer


def offset_of(deployment: Deployment, sending: Sending) -> int:
    """Return how much HEAD says has been received."""
    answer = state(deployment, sending)
    assert answer.status == 204, answer
    return int(answer.headers["upload-offset"])


def go_on(found: Deployment, sending: Sending) -> None:
    """Fail unless a client can go on from what was acknowledged, and its file arrives whole."""
    answer = state(found, sending)
    offset, size = offset_of(found, sending), len(sending.content)
    assert sending.acknowledged <= offset <= size
    middle = (offset + size) // 2
    for start, end in (offset, middle), (middle, size):
        if start < end:
            answer = send_part(found, sending, start, end)
            assert (answer.status, answer.headers["upload-offset"]) == (204, str(end)), answer
    assert_whole(found, answer.headers["content-location"], sending.content)
    # Whoever lost that answer learns it, too.
    again = state(found, sending)
    assert again.headers["content-location"] == answer.headers["content-location"]
    assert again.headers["upload-offset"] == again.headers["upload-length"] == str(size)


def assert_whole(found: Deployment, location: str, content: bytes) -> None:
    """Fail unless the upload at an address has these bytes, and its description."""
    id_ = location.rpartition("/")[2]
    assert content_of(found, id_) == content
    attributes = json.loads(found.request("GET", f"{UPLOADS}/{id_}")[1])["data"]["attributes"]
    assert (attributes["alt"], attributes["filename"]) == ("The stage", "stage.png")


def let_time_pass(found: Deployment) -> None:
    """Let the seconds pass in which a request that was killed could still be at work."""
    with found.app.app_context():
        columns = {"completing_until": now() - timedelta(seconds=1), "has_writer": False}
        is_unfinished = ResumableUpload.upload_id.is_(None)
        db.session.execute(update(ResumableUpload).where(is_unfinished).values(**columns))
        db.session.commit()


def abandon(found: Deployment) -> None:
    """Let what is unfinished expire; a sweep must leave nothing of it."""
    with found.app.app_context():
        db.session.execute(update(ResumableUpload).values(expires_at=now() - timedelta(days=1)))
        db.session.commit()
    found.sweep()
    with found.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ResumableUpload)) == 0
    stored = found.keys()
    assert not [each for each in stored if is_partial(each)]


def begin_and_append(deployment: Deployment) -> Attempt:
    sending = Sending()

    def act() -> int | None:
        if begin(deployment, sending) != 201:
            return None
        return append(deployment, sending, len(sending.content) // 2)

    def check(found: Deployment, _: int | None) -> None:
        if sending.path:
            let_time_pass(found)
            go_on(found, sending)
        abandon(found)

    return Attempt(act, check, 204)


@cache
def long_picture() -> bytes:
    """Make one so long that some of it is acknowledged before the end of its request."""
    content = noise((3200, 3000), quality=100)
    assert len(content) > LONG_BYTES
    return content


LONG_BYTES = 9 * 1024**2


def append_much(deployment: Deployment) -> Attempt:
    """Send more in one request than is acknowledged at once."""
    sending = begun(deployment, Sending(long_picture()), 1)

    def check(found: Deployment, _: int | None) -> None:
        let_time_pass(found)
        go_on(found, sending)

    return Attempt(lambda: append(deployment, sending, LONG_BYTES), check, 204)


def finish(deployment: Deployment) -> Attempt:
    """Send the last bytes, of which an upload is made together with those before."""
    sending = Sending()
    begun(deployment, sending, len(sending.content) // 2)

    def check(found: Deployment, _: int | None) -> None:
        let_time_pass(found)
        go_on(found, sending)

    return Attempt(lambda: append(deployment, sending, len(sending.content)), check, 204)


def concatenate(deployment: Deployment) -> Attempt:
    """Make one upload of two parts."""
    content, partial = fresh_picture(), {"Upload-Concat": "partial"}
    half = len(content) // 2
    parts = [Sending(content[:half]), Sending(content[half:])]
    for each in parts:
        begun(deployment, each, len(each.content), partial)
    addresses = " ".join(each.path for each in parts)
    fields = {**DESCRIBED, "Upload-Concat": f"final;{addresses}"}

    def put_together(at: Deployment) -> Fetched:
        return send(at, "POST", COLLECTION, b"", fields)

    def check(found: Deployment, _: int | None) -> None:
        # Whoever heard nothing asks again, and who heard it finds the same.
        answer, again = put_together(found), put_together(found)
        assert (answer.status, again.status) == (201, 201)
        assert answer.headers["content-location"] == again.headers["content-location"]
        assert_whole(found, answer.headers["content-location"], content)
        with found.app.app_context():
            same = select(func.count()).where(Upload.received_checksum == checksum_of(content))
            assert db.session.scalar(same) == 1

    return Attempt(lambda: put_together(deployment).status or None, check, 201)


def checksum_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def terminate(deployment: Deployment) -> Attempt:
    sending = Sending()
    begun(deployment, sending, len(sending.content) // 2)

    def check(found: Deployment, status: int | None) -> None:
        # What is left then of its pieces has no row.
        if state(found, sending).status != 404:
            assert status is None
            go_on(found, sending)

    return Attempt(lambda: send(deployment, "DELETE", sending.path).status or None, check, 204)
