"""A client that errs or lies: what was acknowledged stays, and nothing else is kept."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from open_event_uploads.context import db
from open_event_uploads.database.types import now
from open_event_uploads.uploads.resumable.model import MAX_UNFINISHED, ResumableUpload
from tests.accounts import account, admin_headers, bearer
from tests.conftest import AppFactory, Stranger
from tests.documents import only_error, path_of
from tests.images import picture
from tests.resumable import (
    COLLECTION,
    MEDIA_TYPE,
    VERSION,
    append,
    begin,
    begun,
    offset_of,
    send,
)
from tests.stored import StoredFiles

End = Callable[[str], TestResponse]

PNG = picture()
HALF = len(PNG) // 2


def assert_refused(response: TestResponse, status: int, code: str) -> None:
    assert (response.status_code, only_error(response)["code"]) == (status, code), response.text


def rows(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(ResumableUpload)) or 0


def member(app: Flask) -> FlaskClient:
    """Return the client of another user."""
    client = app.test_client()
    client.sign_in(bearer(app, account(app)))  # type: ignore[attr-defined]  # ours
    return client


@pytest.fixture
def half(client: FlaskClient) -> str:
    """The path of an upload whose first half was acknowledged."""
    path = begun(client, len(PNG))
    assert append(client, path, 0, PNG[:HALF]).status_code == 204
    return path


def assert_goes_on(client: FlaskClient, path: str) -> None:
    """Fail unless everything is as it was after the first half."""
    assert offset_of(client, path) == HALF
    response = append(client, path, HALF, PNG[HALF:])
    assert response.status_code == 204, response.text
    assert content_of(client, response) == PNG


def content_of(client: FlaskClient, response: TestResponse) -> bytes:
    """Return the bytes of the upload that an answer names."""
    document = client.get(path_of(response.headers["Content-Location"]))
    url: str = json.loads(document.data)["data"]["attributes"]["url"]
    content: bytes = client.get(path_of(url)).data
    return content


@pytest.mark.parametrize(
    ("offset", "status"),
    [
        *((text, 409) for text in ("0", str(HALF - 1), str(HALF + 1), "999999999999999")),
        *(
            (text, 400)
            for text in ("-1", f"+{HALF}", "1" * 16, "one", "", f"{HALF}, {HALF}", "0x10", "²")
        ),
    ],
)
def test_bytes_for_a_place_that_is_none(
    client: FlaskClient, half: str, offset: str, status: int
) -> None:
    response = append(client, half, 0, PNG[HALF:], {"Upload-Offset": offset})
    assert response.status_code == status
    assert only_error(response)["source"]["header"] == "Upload-Offset"
    assert response.headers.get("Upload-Offset") == (str(HALF) if status == 409 else None)
    assert_goes_on(client, half)


def test_bytes_for_no_place(client: FlaskClient, half: str) -> None:
    response = client.patch(half, data=PNG[HALF:], content_type=MEDIA_TYPE, headers=VERSION)
    assert_refused(response, 400, "invalid-request")
    assert_goes_on(client, half)


@pytest.mark.parametrize(
    ("length", "status"),
    [("-1", 400), ("two", 400), ("1" * 16, 400), ("9" * 15, 413), ("", 400), ("1, 1", 400)],
)
def test_a_length_that_is_none_begins_nothing(
    app: Flask, client: FlaskClient, length: str, status: int
) -> None:
    response = client.post(COLLECTION, headers={**VERSION, "Upload-Length": length})
    assert response.status_code == status
    assert rows(app) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"Upload-Length": "5", "Upload-Defer-Length": "1"},
        {"Upload-Defer-Length": "0"},
        {"Upload-Concat": "final;"},
        {"Upload-Concat": "final;/nothing"},
        {"Upload-Concat": "whole", "Upload-Length": "5"},
        {"Upload-Concat": f"final;{COLLECTION}/{'0' * 8}", "Upload-Length": "5"},
        {"Upload-Length": "5", "Upload-Checksum": "sha1"},
        {"Upload-Length": "5", "Upload-Metadata": "filename !"},
        {"Upload-Length": "5", "Upload-Metadata": "expires-at MjAwMA=="},
    ],
    ids=str,
)
def test_a_head_that_says_two_things_or_none_begins_nothing(
    app: Flask, client: FlaskClient, fields: dict[str, str]
) -> None:
    response = client.post(COLLECTION, headers={**VERSION, **fields})
    assert response.status_code in {400, 422}, response.text
    assert rows(app) == 0


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"Upload-Length": str(HALF)}, (413, "request-too-large")),
        (
            {"Upload-Length": str(len(PNG)), "Content-Encoding": "gzip"},
            (415, "unsupported-content-encoding"),
        ),
        (
            {"Upload-Length": str(len(PNG)), "Upload-Checksum": f"sha1 {'A' * 27}="},
            (460, "checksum-mismatch"),
        ),
        ({"Upload-Length": "4", "Content-Type": "image/png"}, (415, "unsupported-media-type")),
    ],
    ids=str,
)
def test_a_beginning_that_is_refused_reserves_nothing(
    app: Flask,
    client: FlaskClient,
    stored_files: StoredFiles,
    fields: dict[str, str],
    refusal: tuple[int, str],
) -> None:
    """Its client is not told an address, so nobody could go on, or end it."""
    headers = {**VERSION, "Content-Type": MEDIA_TYPE, **fields}
    assert_refused(client.post(COLLECTION, data=PNG, headers=headers), *refusal)
    assert rows(app) == 0
    assert len(stored_files()) == 0


@pytest.mark.parametrize("content", [PNG[HALF:] + b"x", b"x" * 10_000])
def test_more_bytes_than_announced(client: FlaskClient, half: str, content: bytes) -> None:
    assert_refused(append(client, half, HALF, content), 413, "request-too-large")
    assert_goes_on(client, half)


def test_fewer_bytes_than_announced_stay_unfinished(client: FlaskClient) -> None:
    path = begun(client, len(PNG) + 1)
    response = append(client, path, 0, PNG)
    assert (response.status_code, response.headers["Upload-Offset"]) == (204, str(len(PNG)))
    assert "Content-Location" not in response.headers


def test_a_length_that_changes_later(client: FlaskClient, half: str) -> None:
    response = append(client, half, HALF, PNG[HALF:], {"Upload-Length": str(len(PNG) + 1)})
    assert_refused(response, 400, "inconsistent-length")
    assert_goes_on(client, half)


def test_a_deferred_length_shorter_than_what_came(client: FlaskClient) -> None:
    path = begun(client, None)
    append(client, path, 0, PNG[:HALF])
    response = append(client, path, HALF, b"", {"Upload-Length": str(HALF - 1)})
    assert_refused(response, 400, "inconsistent-length")
    fields = client.head(path, headers=VERSION).headers
    assert (fields["Upload-Offset"], fields["Upload-Defer-Length"]) == (str(HALF), "1")


def test_one_without_a_length_becomes_no_longer_than_any_other(make_app: AppFactory) -> None:
    client = make_app(max_bytes=HALF).test_client()
    path = begun(client, None)
    assert append(client, path, 0, PNG[:10]).status_code == 204
    assert_refused(append(client, path, 10, PNG[10 : HALF + 1]), 413, "request-too-large")
    announced = {"Upload-Length": str(HALF + 1)}
    assert_refused(append(client, path, 10, PNG[10:11], announced), 413, "request-too-large")
    assert offset_of(client, path) == 10


def test_no_bytes_change_nothing(client: FlaskClient, half: str) -> None:
    response = append(client, half, HALF, b"")
    assert (response.status_code, response.headers["Upload-Offset"]) == (204, str(HALF))
    assert_goes_on(client, half)


@pytest.mark.parametrize("deferred", [False, True])
def test_a_file_of_no_bytes_is_refused_as_any_other(
    app: Flask, client: FlaskClient, *, deferred: bool
) -> None:
    if deferred:
        path = begun(client, None)
        response = append(client, path, 0, b"", {"Upload-Length": "0"})
    else:
        response = begin(client, 0)
    assert_refused(response, 422, "empty-file")
    assert rows(app) == 0


def checksum(algorithm: str, content: bytes) -> str:
    return f"{algorithm} {b64encode(hashlib.new(algorithm, content).digest()).decode()}"


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (checksum("sha1", PNG), 460),
        (checksum("sha256", b""), 460),
        ("sha1 ", 400),
        ("sha1 bm8=", 400),
        (checksum("md5", PNG[HALF:]), 400),
        ("sha1 ???", 400),
        (checksum("sha1", PNG[HALF:]).replace(" ", "  ,"), 400),
        ("", 400),
        ("SHA1 aaaa", 400),
    ],
)
def test_a_checksum_that_is_wrong_or_none(
    client: FlaskClient, half: str, value: str, status: int
) -> None:
    response = append(client, half, HALF, PNG[HALF:], {"Upload-Checksum": value})
    assert response.status_code == status
    assert only_error(response)["source"]["header"] == "Upload-Checksum"
    assert_goes_on(client, half)


def test_bytes_with_another_checksum_leave_no_object(
    client: FlaskClient, stored_files: StoredFiles
) -> None:
    """Else they would fill a disk and count for nobody, until a sweep."""
    path = begun(client, len(PNG))
    for _ in range(3):
        wrong = {"Upload-Checksum": checksum("sha1", b"other")}
        assert_refused(append(client, path, 0, PNG, wrong), 460, "checksum-mismatch")
    assert len(stored_files()) == 0


def test_a_compressed_body(client: FlaskClient, half: str) -> None:
    response = append(client, half, HALF, PNG[HALF:], {"Content-Encoding": "gzip"})
    assert_refused(response, 415, "unsupported-content-encoding")
    assert_goes_on(client, half)


@pytest.mark.parametrize("coding", ["gzip, chunked", "chunked, chunked", "deflate"])
def test_a_body_that_is_coded_on_its_way(client: FlaskClient, half: str, coding: str) -> None:
    response = append(client, half, HALF, PNG[HALF:], {"Transfer-Encoding": coding})
    assert_refused(response, 415, "unsupported-content-encoding")
    assert_goes_on(client, half)


@pytest.mark.parametrize("below", ["", "/00000000-0000-4000-8000-000000000000", "/nothing"])
def test_each_refusal_names_the_version_of_the_protocol(client: FlaskClient, below: str) -> None:
    for method in ("GET", "PUT"):
        response = client.open(COLLECTION + below, method=method, headers=VERSION)
        assert response.status_code in {404, 405}
        assert response.headers["Tus-Resumable"] == "1.0.0"


def test_another_media_type(client: FlaskClient, half: str) -> None:
    headers = {**VERSION, "Upload-Offset": str(HALF)}
    response = client.patch(half, data=PNG[HALF:], content_type="image/png", headers=headers)
    assert_refused(response, 415, "unsupported-media-type")
    assert_goes_on(client, half)


@pytest.mark.parametrize("method", ["PUT", "GET", "", "CONNECT"])
def test_a_post_that_stands_for_no_method_known_here(
    client: FlaskClient, half: str, method: str
) -> None:
    response = client.post(half, headers={**VERSION, "X-HTTP-Method-Override": method})
    assert_refused(response, 405, "method-not-allowed")
    assert_goes_on(client, half)


def test_a_finished_one_takes_nothing_more(client: FlaskClient, stored_files: StoredFiles) -> None:
    response = send(client, PNG)
    path, stored = response.request.path, stored_files()
    assert append(client, path, len(PNG), b"").status_code == 204
    assert_refused(append(client, path, len(PNG), b"x"), 413, "request-too-large")
    longer = {"Upload-Length": str(len(PNG) + 1)}
    assert_refused(append(client, path, len(PNG), b"x", longer), 400, "inconsistent-length")
    assert_refused(append(client, path, 0, PNG), 409, "offset-mismatch")
    assert offset_of(client, path) == len(PNG)
    assert stored_files() == stored


def test_a_finished_part_takes_nothing_more(client: FlaskClient) -> None:
    path = path_of(begin(client, HALF, {"Upload-Concat": "partial"}).headers["Location"])
    assert append(client, path, 0, PNG[:HALF]).status_code == 204
    longer = {"Upload-Length": str(len(PNG))}
    assert_refused(append(client, path, HALF, PNG[HALF:], longer), 400, "inconsistent-length")
    assert_refused(append(client, path, HALF, b"x"), 413, "request-too-large")
    assert offset_of(client, path) == HALF


@pytest.mark.parametrize("fields", [{}, {"Upload-Concat": "partial"}], ids=["whole", "part"])
def test_one_that_came_with_its_beginning_stays_when_more_is_refused(
    client: FlaskClient, fields: dict[str, str]
) -> None:
    head = {**VERSION, **fields, "Upload-Length": str(len(PNG))}
    begun = client.post(COLLECTION, data=PNG, content_type=MEDIA_TYPE, headers=head)
    path = path_of(begun.headers["Location"])
    assert_refused(append(client, path, len(PNG), b"x"), 413, "request-too-large")
    assert offset_of(client, path) == len(PNG)


def test_deleting_a_finished_one_leaves_the_upload(client: FlaskClient) -> None:
    response = send(client, PNG)
    assert client.delete(response.request.path, headers=VERSION).status_code == 204
    assert client.head(response.request.path, headers=VERSION).status_code == 404
    assert client.get(path_of(response.headers["Content-Location"])).status_code == 200


def assert_unknown(client: FlaskClient, path: str) -> None:
    """Fail unless every method is answered as if there were nothing at this address."""
    assert client.head(path, headers=VERSION).status_code == 404
    assert_refused(append(client, path, HALF, PNG[HALF:]), 404, "not-found")
    assert_refused(client.delete(path, headers=VERSION), 404, "not-found")


def test_one_that_was_given_up_is_unknown(client: FlaskClient, half: str) -> None:
    assert client.delete(half, headers=VERSION).status_code == 204
    assert_unknown(client, half)


def test_one_that_expired_is_unknown(app: Flask, client: FlaskClient, half: str) -> None:
    with app.app_context():
        over = now() - timedelta(seconds=1)
        db.session.execute(update(ResumableUpload).values(expires_at=over))
        db.session.commit()
    assert_unknown(client, half)


def test_another_users_is_unknown(app: Flask, client: FlaskClient, half: str) -> None:
    assert_unknown(member(app), half)
    assert_goes_on(client, half)


def test_one_without_an_owner_is_unknown_to_users(make_app: AppFactory) -> None:
    app = make_app(anonymous_uploads=True)
    anonymous = Stranger(app)
    path = begun(anonymous, len(PNG))
    append(anonymous, path, 0, PNG[:HALF])
    assert_unknown(app.test_client(), path)
    assert offset_of(anonymous, path) == HALF
    assert append(anonymous, path, HALF, PNG[HALF:]).status_code == 204


def part(client: FlaskClient, content: bytes) -> str:
    """Send a part, and return its address."""
    response = begin(client, len(content), {"Upload-Concat": "partial"})
    assert append(client, path_of(response.headers["Location"]), 0, content).status_code == 204
    return response.headers["Location"]


def concatenate(client: FlaskClient, *addresses: str) -> TestResponse:
    value = f"final;{' '.join(addresses)}"
    return client.post(COLLECTION, headers={**VERSION, "Upload-Concat": value})


def test_parts_that_are_none(app: Flask, client: FlaskClient, half: str) -> None:
    first, second = part(client, PNG[:HALF]), part(client, PNG[HALF:])
    unfinished = begin(client, 5, {"Upload-Concat": "partial"}).headers["Location"]
    finished = send(client, PNG).request.path
    missing = f"{COLLECTION}/{'0' * 8}-0000-4000-8000-{'0' * 12}"
    foreign = part(member(app), PNG[HALF:])
    for other, status in {
        **dict.fromkeys((half, first, unfinished, finished), 400),
        **dict.fromkeys((missing, foreign), 404),
    }.items():
        assert concatenate(client, first, other).status_code == status
    many = [f"{COLLECTION}/{number:08}-0000-4000-8000-{'0' * 12}" for number in range(1000)]
    assert_refused(concatenate(client, *many), 400, "invalid-request")
    final = concatenate(client, first, second)
    assert final.status_code == 201, final.text
    for others in ([final.headers["Location"]], [second, first], [first]):
        assert_refused(concatenate(client, *others), 400, "invalid-request")
    assert client.delete(path_of(final.headers["Content-Location"])).status_code == 204
    assert_refused(concatenate(client, first, second), 404, "not-found")


def test_parts_that_are_no_image_together_leave_nothing(
    app: Flask, client: FlaskClient, stored_files: StoredFiles
) -> None:
    response = concatenate(client, part(client, b"no"), part(client, b"image"))
    assert_refused(response, 422, "unsupported-file-type")
    assert rows(app) == 0
    assert len(stored_files()) == 0


def test_parts_may_have_no_bytes(client: FlaskClient) -> None:
    response = concatenate(client, part(client, b""), part(client, PNG), part(client, b""))
    assert response.status_code == 201, response.text
    assert content_of(client, response) == PNG


def test_a_sender_has_a_hundred_unfinished_ones_at_most(app: Flask, client: FlaskClient) -> None:
    paths = [begun(client, len(PNG)) for _ in range(MAX_UNFINISHED)]
    assert_refused(begin(client, 5), 403, "too-many-resumable-uploads")
    assert begin(member(app), 5).status_code == 201
    # Each of these frees one place: an end, a file that is refused, and one that is accepted.
    ends: list[End] = [
        lambda path: client.delete(path, headers=VERSION),
        lambda path: append(client, path, 0, b"x" * len(PNG)),
        lambda path: append(client, path, 0, PNG),
    ]
    for end in ends:
        end(paths.pop())
        assert begin(client, len(PNG)).status_code == 201
        assert_refused(begin(client, 5), 403, "too-many-resumable-uploads")


def test_no_more_than_a_hundred_are_begun_at_once(app: Flask, client: FlaskClient) -> None:
    for _ in range(MAX_UNFINISHED - 3):
        begun(client, 5)
    with ThreadPoolExecutor(16) as pool:
        clients = [app.test_client() for _ in range(32)]
        answers = list(pool.map(lambda each: begin(each, 5).status_code, clients))
    assert sorted(answers) == [201] * 3 + [403] * 29


def test_expired_ones_take_no_place(app: Flask, client: FlaskClient) -> None:
    for _ in range(MAX_UNFINISHED):
        begun(client, 5)
    with app.app_context():
        over = now() - timedelta(seconds=1)
        db.session.execute(update(ResumableUpload).values(expires_at=over))
        db.session.commit()
    assert begin(client, 5).status_code == 201


def test_a_quota_holds_for_what_is_announced_and_for_what_comes(make_app: AppFactory) -> None:
    app = make_app(quota_bytes=len(PNG))
    client = member(app)
    assert_refused(begin(client, len(PNG) + 1), 403, "quota-exceeded")
    path = begun(client, None)
    assert append(client, path, 0, PNG[:HALF]).status_code == 204
    assert_refused(begin(client, len(PNG) - HALF + 1), 403, "quota-exceeded")
    assert_refused(append(client, path, HALF, b"x" * len(PNG)), 403, "quota-exceeded")
    response = append(client, path, HALF, b"", {"Upload-Length": str(len(PNG) + 1)})
    assert_refused(response, 403, "quota-exceeded")
    assert offset_of(client, path) == HALF
    rest = append(client, path, HALF, PNG[HALF:], {"Upload-Length": str(len(PNG))})
    assert rest.status_code == 204, rest.text
    assert_refused(begin(client, 1), 403, "quota-exceeded")


def test_nothing_goes_on_while_the_server_only_reads(
    make_app: AppFactory, client: FlaskClient, half: str
) -> None:
    reading_app = make_app(read_only=True)
    reading_app.config["TEST_HEADERS"] = admin_headers(client.application)
    reading = reading_app.test_client()
    assert reading.head(half, headers=VERSION).status_code == 503
    assert_refused(append(reading, half, HALF, PNG[HALF:]), 503, "read-only")
    assert_refused(reading.delete(half, headers=VERSION), 503, "read-only")
    assert_goes_on(client, half)
