"""Bytes of resumable uploads that are not what they say, or whose sender may send no more."""

import hashlib
import json
import socket
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from open_event_uploads.context import db
from open_event_uploads.uploads.resumable.model import ResumableUpload
from tests.accounts import account, bearer
from tests.faults.deployment import Deployment
from tests.faults.resumable import Sending, abandon, begin, begun, go_on, offset_of, send, state
from tests.faults.wire import Raw, answer_of, connect
from tests.images import noise
from tests.resumable import COLLECTION, MEDIA_TYPE, VERSION
from tests.server import NO_HEADERS

pytestmark = [pytest.mark.server, pytest.mark.default_stack("says nothing about either engine")]

CHUNKED = {"Transfer-Encoding": "chunked"}
QUOTA_BYTES = 12 * 1024**2


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    settings = {"quota_bytes": QUOTA_BYTES, "max_bytes": "32MiB"}
    found = Deployment(tmp_path_factory.mktemp("bodies"), settings)
    yield found
    found.close()


@pytest.fixture(autouse=True)
def _nothing_is_left_half_done(deployment: Deployment) -> Iterator[None]:
    yield
    abandon(deployment)
    assert deployment.problems() == []
    assert deployment.orphans() == set()


def rows(deployment: Deployment) -> int:
    with deployment.app.app_context():
        return db.session.scalar(select(func.count()).select_from(ResumableUpload)) or 0


def open_request(
    deployment: Deployment,
    line: str,
    fields: Mapping[str, str],
    sender: Mapping[str, str] = NO_HEADERS,
) -> socket.socket:
    """Send the head of a request."""
    own = {"Host": "uploads.test", "Authorization": f"Bearer {deployment.token}", **sender}
    tus = {**VERSION, "Content-Type": MEDIA_TYPE}
    lines = [f"{name}: {text}" for name, text in {**own, **tus, **fields}.items()]
    connection = connect(deployment.server)
    connection.sendall("\r\n".join((f"{line} HTTP/1.1", *lines, "", "")).encode())
    return connection


def patch(
    deployment: Deployment,
    sending: Sending,
    fields: Mapping[str, str],
    body: bytes,
    *,
    is_cut: bool = False,
) -> Raw:
    """Send a body as it is; return the answer, or, if it is incomplete, hang up."""
    at = {"Upload-Offset": str(sending.acknowledged)}
    with closing(open_request(deployment, f"PATCH {sending.path}", {**at, **fields})) as connection:
        try:
            connection.sendall(body)
            if is_cut:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it was refused before all of it was sent
        return answer_of(connection)


def chunks(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)


def checksum(content: bytes) -> dict[str, str]:
    digest = b64encode(hashlib.sha256(content).digest()).decode()
    return {"Upload-Checksum": f"sha256 {digest}"}


@pytest.fixture
def half(deployment: Deployment) -> Sending:
    """An upload whose first half was acknowledged."""
    sending = Sending(noise((200, 200)))
    return begun(deployment, sending, len(sending.content) // 2)


def rest_of(sending: Sending) -> bytes:
    return sending.content[sending.acknowledged :]


def test_chunks_may_bring_the_rest(deployment: Deployment, half: Sending) -> None:
    rest = rest_of(half)
    body = chunks(rest[:10], rest[10:]) + b"0\r\n\r\n"
    assert patch(deployment, half, {**CHUNKED, **checksum(rest)}, body).status == 204
    go_on(deployment, half)


def test_chunks_with_another_checksum_count_for_nothing(
    deployment: Deployment, half: Sending
) -> None:
    body = chunks(rest_of(half)) + b"0\r\n\r\n"
    assert patch(deployment, half, {**CHUNKED, **checksum(b"other")}, body).status == 460
    assert offset_of(deployment, half) == half.acknowledged
    go_on(deployment, half)


@pytest.mark.parametrize("more", [1, 100_000])
def test_chunks_that_bring_more_than_the_rest(
    deployment: Deployment, half: Sending, more: int
) -> None:
    body = chunks(rest_of(half), b"x" * more) + b"0\r\n\r\n"
    assert patch(deployment, half, CHUNKED, body).status == 413
    go_on(deployment, half)


@pytest.mark.parametrize("end", [b"", b"0\r\n", b"5\r\nabc"], ids=["chunk", "end", "within"])
def test_what_came_of_chunks_that_are_cut_short_is_acknowledged(
    deployment: Deployment, half: Sending, end: bytes
) -> None:
    part = rest_of(half)[:1000]
    wrong = end.rpartition(b"\n")[2]
    half.content = (
        half.content[: half.acknowledged + 1000]
        + wrong
        + half.content[half.acknowledged + 1000 + len(wrong) :]
    )
    patch(deployment, half, CHUNKED, chunks(part) + end, is_cut=True)
    assert offset_of(deployment, half) == half.acknowledged + 1000 + len(wrong)
    assert send(deployment, "DELETE", half.path).status == 204


def test_what_came_of_a_body_that_is_cut_short_is_acknowledged(
    deployment: Deployment, half: Sending
) -> None:
    length = {"Content-Length": str(len(rest_of(half)))}
    answer = patch(deployment, half, length, rest_of(half)[:1000], is_cut=True)
    assert answer.status in {0, 400}
    assert offset_of(deployment, half) == half.acknowledged + 1000
    go_on(deployment, half)


def test_a_body_with_a_checksum_that_is_cut_short_counts_for_nothing(
    deployment: Deployment, half: Sending
) -> None:
    rest = rest_of(half)
    fields = {"Content-Length": str(len(rest)), **checksum(rest[:1000])}
    assert patch(deployment, half, fields, rest[:1000], is_cut=True).status in {0, 400}
    assert offset_of(deployment, half) == half.acknowledged
    go_on(deployment, half)


def test_all_but_the_last_byte_of_a_body_without_an_end_are_acknowledged(
    deployment: Deployment, half: Sending
) -> None:
    patch(deployment, half, CHUNKED, chunks(rest_of(half)), is_cut=True)
    assert offset_of(deployment, half) == len(half.content) - 1
    go_on(deployment, half)


@pytest.mark.parametrize("fields", [CHUNKED, {"Content-Length": "1000"}], ids=["chunks", "length"])
def test_a_beginning_that_breaks_off_reserves_nothing(
    deployment: Deployment, fields: Mapping[str, str]
) -> None:
    fields = {**fields, "Upload-Length": "1000"}
    with closing(open_request(deployment, f"POST {COLLECTION}", fields)) as connection:
        connection.sendall(chunks(b"x" * 100) if "Transfer-Encoding" in fields else b"x" * 100)
        wait_until_rows(deployment, 1)
    wait_until_rows(deployment, 0)


def wait_until_rows(deployment: Deployment, count: int) -> None:
    until = time.monotonic() + 30
    while rows(deployment) != count:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_quota_ends_a_long_request_of_unknown_length(deployment: Deployment) -> None:
    sending = Sending(b"x" * 2 * QUOTA_BYTES)
    deferred = send(deployment, "POST", COLLECTION, b"", {"Upload-Defer-Length": "1"})
    sending.path = urlsplit(deferred.headers["location"]).path
    parts = [sending.content[:65536]] * (len(sending.content) // 65536)
    answer = patch(deployment, sending, CHUNKED, chunks(*parts) + b"0\r\n\r\n")
    assert answer.status in {0, 403}
    # What was within it had been acknowledged in the middle.
    offset = offset_of(deployment, sending)
    assert 8 * 1024**2 <= offset <= QUOTA_BYTES
    small = Sending(b"x" * (QUOTA_BYTES - offset + 1))
    assert begin(deployment, small) == 403
    assert send(deployment, "DELETE", sending.path).status == 204
    assert begin(deployment, small) == 201


def send_half(deployment: Deployment, sending: Sending, sender: Mapping[str, str]) -> socket.socket:
    """Begin an upload as somebody, and send the first half of a long request."""
    begun_by = {**sender, "Upload-Length": str(len(sending.content))}
    answer = send(deployment, "POST", COLLECTION, b"", begun_by)
    sending.path = urlsplit(answer.headers["location"]).path
    fields = {"Upload-Offset": "0", "Content-Length": str(len(sending.content))}
    connection = open_request(deployment, f"PATCH {sending.path}", fields, sender)
    connection.sendall(sending.content[: len(sending.content) // 2])
    time.sleep(0.5)  # by now it is being received
    return connection


class Somebody:
    """A user who sends uploads.

    Args:
        deployment: where they have an account.
        name: of the user.
    """

    def __init__(self, deployment: Deployment, name: str) -> None:
        self.id = account(deployment.app, name)
        self.sender = bearer(deployment.app, self.id)


def test_whoever_loses_the_token_in_a_long_request_has_sent_nothing_more(
    deployment: Deployment,
) -> None:
    somebody, sending = Somebody(deployment, "Revoked"), Sending(noise((600, 600)))
    with closing(send_half(deployment, sending, somebody.sender)) as connection:
        assert revoke_tokens(deployment, somebody.sender)
        connection.sendall(sending.content[len(sending.content) // 2 :])
        assert answer_of(connection).status == 401
    again = bearer(deployment.app, somebody.id)
    answer = send(deployment, "HEAD", sending.path, b"", again)
    assert (answer.status, answer.headers["upload-offset"]) == (204, "0")


def revoke_tokens(deployment: Deployment, sender: Mapping[str, str]) -> bool:
    """Delete the tokens of somebody, by the hand of themselves."""
    listed = json.loads(deployment.request("GET", "/v1/tokens", None, None, sender)[1])["data"]
    return [
        deployment.request("DELETE", f"/v1/tokens/{each['id']}", None, None, sender)[0]
        for each in listed
    ] == [204]


def test_nothing_is_left_of_a_user_who_is_deleted_in_a_long_request(
    deployment: Deployment,
) -> None:
    somebody, sending = Somebody(deployment, "Deleted"), Sending(noise((600, 600)))
    with closing(send_half(deployment, sending, somebody.sender)) as connection:
        status, body = deployment.request("DELETE", f"/v1/users/{somebody.id}")
        assert status == 204, body
        connection.sendall(sending.content[len(sending.content) // 2 :])
        assert answer_of(connection).status in {401, 409}
    assert state(deployment, sending).status == 404
    assert rows(deployment) == 0
