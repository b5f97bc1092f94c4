"""Requests whose bodies are never sent, and are answered by their heads."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from http.client import HTTPConnection

import pytest
from flask import Flask
from sqlalchemy import update

from open_event_uploads.accounts.conditions import Conditions
from open_event_uploads.accounts.update_user import update_user
from open_event_uploads.app import create_app
from open_event_uploads.context import db
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.types import now
from open_event_uploads.database.write import write
from open_event_uploads.settings import load_settings
from open_event_uploads.uploads.quota import add_row
from open_event_uploads.uploads.usage import Usage
from tests.accounts import bearer, service_account
from tests.admins import admin_in
from tests.faults.wire import Raw, answer_of, connect
from tests.images import noise, picture
from tests.resumable import MEDIA_TYPE as OF_TUS
from tests.server import Server

pytestmark = [pytest.mark.server, pytest.mark.default_stack("says nothing about either engine")]

MAX_BYTES, QUOTA_BYTES, RATE = 4 * 1024**2, 1024**3, 20
JSON_API, IMAGE = "application/vnd.api+json", "image/png"
SMALL, LARGE = "Content-Length: 1000", f"Content-Length: {10**6}"
CHUNKED = "Transfer-Encoding: chunked"
EXPECT = "Expect: 100-continue"

CREATE = "POST /v1/uploads"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start a server with narrow limits."""
    running = Server(
        tmp_path_factory.mktemp("server"),
        max_bytes=str(MAX_BYTES),
        rate_limits=f"{RATE}/day",
        quota_bytes=str(QUOTA_BYTES),
    )
    yield running
    running.stop()


@pytest.fixture(scope="module")
def app(server: Server) -> Iterator[Flask]:
    """Open the application on the server's data, to make users with."""
    made = create_app(load_settings(data_dir=server.storage.parent))
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def senders(app: Flask, server: Server) -> dict[str, list[str]]:
    """Return the header fields of those who may not send a file."""
    full, busy = service_account(app), service_account(app)
    with app.app_context():
        write(db.engine, partial(_fill, full))
    found = {
        "nobody": {},
        "an invalid token": {"Authorization": "Bearer made-up"},
        "an expired token": bearer(app, full, expires_at=now() + timedelta(seconds=1)),
        "a narrow token": bearer(app, full, scopes=frozenset({"uploads:read"})),
        "a full quota": bearer(app, full),
        "too many files": bearer(app, busy),
    }
    fields = {who: fields_of(each) for who, each in found.items()}
    # Each worker counts for itself, and the kernel chooses one for each connection.
    for _ in range(6 * RATE):
        ask(server, CREATE, *fields["too many files"], "Content-Length: 0")
    time.sleep(1.1)  # the token expires
    return fields


def _fill(user_id: str, execute: Execute) -> None:
    add_row(user_id, execute)
    full = update(Usage).where(Usage.user_id == user_id).values(stored_bytes=QUOTA_BYTES)
    execute(full)


def fields_of(headers: dict[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers.items()]


def member(app: Flask) -> list[str]:
    """Return the header fields of a user who has sent nothing yet."""
    return fields_of(bearer(app, service_account(app)))


def ask(server: Server, line: str, *fields: str, sent: bytes = b"") -> Raw:
    """Return the first answer to a head, and to the beginning of a body."""
    head = "\r\n".join((f"{line} HTTP/1.1", "Host: uploads.test", *fields, "", ""))
    with connect(server) as connection:
        connection.sendall(head.encode("latin-1") + sent)
        return answer_of(connection)


def code_of(answer: Raw) -> str:
    code: str = json.loads(answer.body)["errors"][0]["code"]
    return code


# The fields that announce a body, and how much of it is sent.
BODIES = {
    "a short one": ([SMALL], b""),
    "a part of a short one": ([SMALL], b"{"),
    "a short one that asks first": ([SMALL, EXPECT], b""),
    "a long one": ([LARGE], b""),
    "a part of a long one": ([LARGE], b"x" * 100_000),
    "a long one that asks first": ([LARGE, EXPECT], b""),
    "one in chunks": ([CHUNKED], b""),
    "a part of one in chunks": ([CHUNKED], b"3\r\nabc\r\n"),
    "one in chunks that asks first": ([CHUNKED, EXPECT], b""),
}
every_body = pytest.mark.parametrize("body", BODIES)


@every_body
@pytest.mark.parametrize("media_type", [JSON_API, IMAGE])
@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        ("nobody", 401, "unauthenticated"),
        ("an invalid token", 401, "invalid-token"),
        ("an expired token", 401, "invalid-token"),
        ("a narrow token", 403, "forbidden"),
        ("a full quota", 403, "quota-exceeded"),
        ("too many files", 429, "rate-limit-exceeded"),
    ],
)
def test_whoever_may_not_send_a_file_is_told_so_at_once(  # noqa: PLR0913, PLR0917 - each is drawn
    server: Server,
    senders: dict[str, list[str]],
    who: str,
    status: int,
    code: str,
    media_type: str,
    body: str,
) -> None:
    announced, sent = BODIES[body]
    if who == "a full quota" and CHUNKED in announced:
        status, code = 411, "length-required"
    fields = [*senders[who], f"Content-Type: {media_type}", *announced]
    answer = ask(server, CREATE, *fields, sent=sent)
    # `100 Continue` would be the first answer.
    assert (answer.status, code_of(answer)) == (status, code)
    assert "x-request-id: " in answer.fields
    if announced != [SMALL]:
        assert "connection: close" in answer.fields


@every_body
@pytest.mark.parametrize(
    ("line", "media_type", "status"),
    [
        ("POST /v1/nothing", JSON_API, 404),
        ("PUT /v1/uploads", IMAGE, 405),
        ("DELETE /v1/uploads/6f9619ff-8b86-4d01-b42d-00cf4fc964ff", JSON_API, 404),
        ("PATCH /v1/uploads/6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "text/plain", 415),
        ("PUT /v1/uploads/6f9619ff-8b86-4d01-b42d-00cf4fc964ff/content", JSON_API, 415),
        ("POST /v1/uploads", "text/plain", 415),
        ("POST /v1/operations", JSON_API, 415),
        ("POST /v1/upload/files", IMAGE, 415),
        ("POST /v1/presets", JSON_API, 403),
        ("POST /v1/users", JSON_API, 403),
        ("GET /v1", JSON_API, 200),
    ],
)
def test_what_takes_no_such_body_says_so_at_once(  # noqa: PLR0913, PLR0917 - each is drawn
    server: Server, app: Flask, line: str, media_type: str, status: int, body: str
) -> None:
    announced, sent = BODIES[body]
    fields = [*member(app), f"Content-Type: {media_type}", *announced]
    assert ask(server, line, *fields, sent=sent).status == status


@pytest.mark.parametrize(
    ("line", "media_type", "length"),
    [
        ("POST /v1/uploads", JSON_API, 2 * MAX_BYTES),
        ("POST /v1/uploads", "multipart/form-data; boundary=x", 2 * MAX_BYTES),
        ("POST /v1/upload/image", "application/json", 2 * MAX_BYTES),
        ("POST /v1/operations", f'{JSON_API};ext="https://jsonapi.org/ext/atomic"', 2 * MAX_BYTES),
        ("POST /auth/session", "application/json", 20_000),
        ("POST /admin/sign-in", "application/x-www-form-urlencoded", 70_000),
    ],
)
def test_what_is_too_long_for_its_address_is_not_received(
    server: Server, app: Flask, line: str, media_type: str, length: int
) -> None:
    fields = [*member(app), f"Content-Type: {media_type}", f"Content-Length: {length}"]
    assert ask(server, line, *fields, EXPECT).status == 413
    assert ask(server, line, *fields).status == 413


def test_a_file_that_is_longer_than_a_file_may_be_is_not_received(
    server: Server, app: Flask
) -> None:
    fields = [*member(app), f"Content-Type: {IMAGE}", f"Content-Length: {MAX_BYTES + 1}"]
    assert code_of(ask(server, CREATE, *fields, EXPECT)) == "file-too-large"


@every_body
def test_nothing_is_received_that_would_be_written_while_nothing_may_be(
    read_only: Server, app: Flask, body: str
) -> None:
    announced, sent = BODIES[body]
    fields = [*member(app), f"Content-Type: {IMAGE}", *announced]
    answer = ask(read_only, CREATE, *fields, sent=sent)
    assert (answer.status, code_of(answer)) == (503, "read-only")
    assert "retry-after: " in answer.fields


@pytest.fixture(scope="module")
def read_only(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start a second server on the same data, in read-only mode."""
    folder = tmp_path_factory.mktemp("read-only")
    running = Server(folder, data_dir=str(server.storage.parent), read_only="true")
    yield running
    running.stop()


def send_after_asking(
    server: Server, content: bytes, *head: str, meanwhile: Callable[[], object] | None = None
) -> tuple[bytes, Raw]:
    """Return what came before the body was sent, and what came after it.

    Args:
        server: is asked.
        content: of the request.
        head: its lines.
        meanwhile: is called before the body is sent; None for nothing.
    """
    length = f"Content-Length: {len(content)}"
    text = "\r\n".join((*head[:1], "Host: uploads.test", *head[1:], length, EXPECT, "", ""))
    with connect(server) as connection:
        connection.sendall(text.encode("latin-1"))
        before = connection.recv(65536)
        if meanwhile is not None:
            meanwhile()
        connection.sendall(content)
        return before, answer_of(connection)


GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize("size", [(8, 8), (900, 900)], ids=["short", "long"])
def test_who_may_send_a_file_is_told_once_to_go_on(
    server: Server, app: Flask, size: tuple[int, int]
) -> None:
    content = noise(size, quality=95)
    head = [f"{CREATE} HTTP/1.1", *member(app), "Content-Type: image/jpeg"]
    before, answer = send_after_asking(server, content, *head)
    assert before == GO_ON
    assert answer.status == 201
    # Judged once, and so counted once.
    assert f'ratelimit: "uploads-86400s";r={RATE - 1};' in answer.fields


def test_a_page_is_told_once_to_go_on_by_its_cookie(server: Server, app: Flask) -> None:
    admin = admin_in(app)
    cookie = admin.get_cookie("uploads_admin", path="/admin")
    assert cookie is not None
    head = [
        "POST /admin/files/resumable HTTP/1.1",
        f"Cookie: uploads_admin={cookie.value}",
        "Tus-Resumable: 1.0.0",
        f"Upload-Length: {len(picture())}",
    ]
    token = f"X-CSRF-Token: {admin.token}"
    media_type = f"Content-Type: {OF_TUS}"
    before, answer = send_after_asking(server, picture(), *head, token, media_type)
    assert (before, answer.status) == (GO_ON, 201)
    lengths = [LARGE, EXPECT, media_type]
    line, *others = head
    assert ask(server, line.removesuffix(" HTTP/1.1"), *others, *lengths).status == 403
    others.pop(0)
    assert ask(server, line.removesuffix(" HTTP/1.1"), *others, token, *lengths).status == 403
    before, answer = send_after_asking(
        server, picture(), *head, token, media_type, meanwhile=lambda: admin.send("/admin/sign-out")
    )
    assert (before, answer.status) == (GO_ON, 403)


@pytest.mark.parametrize(
    ("changes", "status"), [({"role": "member"}, 403), ({"active": False}, 401)]
)
def test_whoever_may_no_longer_do_it_when_the_body_has_come_is_refused(
    server: Server, app: Flask, changes: dict[str, object], status: int
) -> None:
    user_id = service_account(app, "admin")

    def change() -> None:
        with app.app_context():
            update_user(
                user_id, changes, conditions=Conditions(keeps_admin=False), engine=db.engine
            )

    content = json.dumps({"data": {"type": "users", "attributes": {"name": "Eve"}}}).encode()
    fields = fields_of(bearer(app, user_id))
    head = ["POST /v1/users HTTP/1.1", *fields, f"Content-Type: {JSON_API}"]
    before, answer = send_after_asking(server, content, *head)
    assert (before, answer.status) == (GO_ON, 201)
    before, answer = send_after_asking(server, content, *head, meanwhile=change)
    assert (before, answer.status) == (GO_ON, status)


def test_a_request_that_is_sent_again_has_its_answer_beyond_the_quota(
    server: Server, app: Flask
) -> None:
    user_id = service_account(app)
    headers = bearer(app, user_id)
    head = [f"{CREATE} HTTP/1.1", *fields_of(headers), f"Content-Type: {IMAGE}"]
    keyed = [*head, "Idempotency-Key: the-same"]
    _, first = send_after_asking(server, picture(), *keyed)
    with app.app_context():
        write(db.engine, partial(_fill, user_id))
    before, again = send_after_asking(server, picture(), *keyed)
    assert (first.status, again.status, before) == (201, 201, GO_ON)
    assert json.loads(again.body)["data"] == json.loads(first.body)["data"]
    other = ask(server, CREATE, *head[1:], "Idempotency-Key: another", LARGE, EXPECT)
    assert code_of(other) == "quota-exceeded"


@pytest.mark.parametrize(
    ("length", "status"), [(3 * 1024**2, 401), (20 * 1024**2, 401)], ids=["long", "too long"]
)
def test_a_client_that_sends_all_of_it_regardless_reads_the_answer(
    server: Server, length: int, status: int
) -> None:
    connection = HTTPConnection(server.address, timeout=30)
    # Closing the connection before would be a broken pipe here.
    connection.request("POST", "/v1/uploads", b"x" * length, {"Content-Type": IMAGE})
    response = connection.getresponse()
    assert response.status == status
    assert response.headers["Connection"] == "close"
    connection.close()


def test_a_connection_goes_on_after_a_short_body_that_was_refused(server: Server) -> None:
    connection = HTTPConnection(server.address, timeout=30)
    ports = set()
    for _ in range(3):
        connection.request("POST", "/v1/uploads", b"{}", {"Content-Type": JSON_API})
        response = connection.getresponse()
        assert response.status == 401
        response.read()
        ports.add(connection.sock.getsockname())
    assert len(ports) == 1
    connection.close()
