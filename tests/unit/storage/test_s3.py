"""Behaviour that only objects in a bucket have, on a real server."""

import io
import multiprocessing
import os
import tracemalloc
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from open_event_uploads.errors import ObjectNotFound, StorageFull, StorageUnavailable
from open_event_uploads.storage.contract import Presigner, SignedRequest
from open_event_uploads.storage.s3 import S3Storage
from open_event_uploads.storage.s3_errors import translate_s3_errors
from open_event_uploads.storage.s3_location import parse_location
from open_event_uploads.storage.s3_reader import HEAD_BYTES, S3Reader
from open_event_uploads.storage.s3_write import PART_BYTES
from open_event_uploads.uploads.files.headers import headers_of
from tests.ports import free_port
from tests.s3 import BUCKET, READER, S3Server

KEY = f"{uuid.uuid4()}.png"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def storage(s3: S3Server) -> S3Storage:
    return s3.storage()


def content_of(storage: S3Storage) -> bytes:
    with storage.open(KEY) as reader:
        return reader.read()


# --- Large objects ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "size", [PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES, 2 * PART_BYTES + 5]
)
def test_a_large_object_goes_in_parts(storage: S3Storage, size: int) -> None:
    content = os.urandom(1024) * (size // 1024 + 1)
    storage.put(KEY, content[:size])
    assert [each.size for each in storage.objects()] == [size]
    assert content_of(storage) == content[:size]
    assert storage.sweep_temporary(timedelta(seconds=-10)) == 0


def test_what_breaks_off_leaves_no_parts(storage: S3Storage) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * (2 * PART_BYTES + 1)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        storage.put(KEY, broken())
    assert list(storage.objects()) == []
    assert storage.sweep_temporary(timedelta(seconds=-10)) == 0


def test_parts_that_nobody_completed_are_swept(storage: S3Storage, s3: S3Server) -> None:
    storage.put(KEY, b"x")
    client, where = s3.client(), storage._address(KEY)  # noqa: SLF001 - a crash in the middle of it
    begun = client.create_multipart_upload(**where)
    client.upload_part(**where, UploadId=begun["UploadId"], PartNumber=1, Body=b"x" * 5 * 1024**2)
    assert storage.sweep_temporary(timedelta(hours=1)) == 0
    assert storage.sweep_temporary(timedelta(seconds=-10), dry_run=True) == 1
    assert storage.sweep_temporary(timedelta(seconds=-10)) == 1
    assert storage.sweep_temporary(timedelta(seconds=-10)) == 0
    assert content_of(storage) == b"x"


def test_memory_stays_flat(storage: S3Storage) -> None:
    storage.put(KEY, b"x")
    tracemalloc.start()
    storage.put(KEY, (b"x" * 1024**2 for _ in range(10 * PART_BYTES // 1024**2)))
    with storage.open(KEY) as reader:
        while reader.read(256 * 1024):
            pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * PART_BYTES


# --- Readers ----------------------------------------------------------------------------------


@pytest.fixture
def long(storage: S3Storage) -> bytes:
    content = os.urandom(HEAD_BYTES) + os.urandom(HEAD_BYTES)
    storage.put(KEY, content)
    return content


def test_a_reader_goes_to_and_fro(storage: S3Storage, long: bytes) -> None:
    with storage.open(KEY) as reader:
        for start in (0, HEAD_BYTES - 3, HEAD_BYTES + 5, 10, len(long) - 4, len(long), HEAD_BYTES):
            assert reader.seek(start) == start
            found = b"".join(iter(lambda: reader.read(1000), b""))
            assert found == long[start:], start
        assert reader.seek(-5, io.SEEK_END) == len(long) - 5
        assert reader.seek(-1, io.SEEK_CUR) == len(long) - 6
        assert reader.tell() == len(long) - 6
        assert reader.read() == long[-6:]


def test_a_part_is_fetched_of_the_same_object_only(storage: S3Storage, long: bytes) -> None:
    with storage.open(KEY) as reader:
        storage.put(KEY, bytes(len(long)))
        reader.seek(HEAD_BYTES + 1000)
        with pytest.raises(StorageUnavailable):
            reader.read(10)
        reader.seek(0)
        assert reader.read(10) == long[:10]


def test_a_body_that_ends_early_is_no_end() -> None:
    with pytest.raises(StorageUnavailable):
        S3Reader(KEY, 5, io.BytesIO(b"1234"), lambda _: io.BytesIO())


# --- Headers for browsers ---------------------------------------------------------------------


def test_a_bucket_sends_the_headers_that_this_server_sends(s3: S3Server) -> None:
    location = parse_location(s3.url())
    storage = S3Storage(location, headers_of)
    for key in ("a.png", "private/a.pdf", "nothing"):
        storage.put(key, b"x")
        found = s3.client().head_object(Bucket=BUCKET, Key=f"{location.prefix}/objects/{key}")
        sent = {name: found.get(name) for name in ("ContentType", "CacheControl")}
        sent["ContentDisposition"] = found.get("ContentDisposition")
        if key == "nothing":
            assert sent["CacheControl"] is None
        else:
            assert set(sent.values()) == set(headers_of(key).values())


def test_it_can_sign(storage: S3Storage) -> None:
    assert isinstance(storage, Presigner)


def fetch(request: str | urllib.request.Request) -> Any:  # noqa: ANN401 - urllib's
    return urllib.request.urlopen(request, timeout=10)  # noqa: S310 - the test's own server


def test_an_address_opens_without_credentials_and_ends(storage: S3Storage) -> None:
    storage.put(KEY, b"x")
    headers = {"Content-Disposition": "inline; filename*=UTF-8''B%C3%BChne.png"}
    url = storage.presigned_get(KEY, MINUTE, {**headers, "Content-Type": "image/png"})
    with fetch(url) as answer:
        assert answer.read() == b"x"
        assert answer.headers["Content-Disposition"] == headers["Content-Disposition"]
        assert answer.headers["Content-Type"] == "image/png"
    for forged in (url.replace("image%2Fpng", "text%2Fhtml"), url.replace("=60", "=600")):
        assert forged != url
        with pytest.raises(urllib.error.HTTPError, match="403"):
            fetch(forged)


def send(signed: SignedRequest, body: bytes, **headers: str) -> int:
    named = {**signed.headers, **{k.replace("_", "-"): v for k, v in headers.items()}}
    request = urllib.request.Request(signed.url, body, named, method=signed.method)  # noqa: S310 - as above
    try:
        with fetch(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_signed_put_is_for_one_size_and_one_type(storage: S3Storage) -> None:
    signed = storage.presigned_put(KEY, 5, "image/png", MINUTE)
    assert send(signed, b"123456") == 403
    assert send(signed, b"12345", Content_Type="text/html") == 403
    with pytest.raises(ObjectNotFound):
        storage.open(KEY)
    assert send(signed, b"12345") == 200
    assert content_of(storage) == b"12345"


# --- Servers that do not do as they should ----------------------------------------------------


def test_a_server_that_is_not_there_is_given_up_soon(s3: S3Server) -> None:
    port = free_port()
    url = s3.url().replace(s3.endpoint, f"http://127.0.0.1:{port}")
    storage = S3Storage(parse_location(url))
    for action in (storage.read_marker, lambda: storage.open(KEY), lambda: list(storage.objects())):
        with pytest.raises(StorageUnavailable) as refusal:
            action()
        assert refusal.value.headers["Retry-After"]
        assert "Could not connect" in str(refusal.value.__cause__)


def test_who_may_only_read_is_told_so(
    storage: S3Storage, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.put(KEY, b"x")
    for name, value in READER.items():
        monkeypatch.setenv(name, value)
    reader = S3Storage(storage._location)  # noqa: SLF001 - the same place
    assert content_of(reader) == b"x"
    changes: list[Callable[[], None]] = [
        lambda: reader.put(KEY, b"y"),
        lambda: reader.delete(KEY),
    ]
    for change in changes:
        with pytest.raises(StorageUnavailable) as refusal:
            change()
        assert "AccessDenied" in str(refusal.value.__cause__)
    assert content_of(storage) == b"x"
    assert s3


def test_what_a_server_answers_when_it_is_full_is_understood() -> None:
    answer = {"Error": {"Code": "X"}, "ResponseMetadata": {"HTTPStatusCode": 507}}
    with pytest.raises(StorageFull), translate_s3_errors(KEY):
        raise ClientError(answer, "PutObject")


def _read_in_child(storage: S3Storage, found: Any) -> None:  # noqa: ANN401 - a queue
    with storage.open(KEY) as reader:
        found.put(reader.read())


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_client_does_not_cross_a_fork(storage: S3Storage) -> None:
    storage.put(KEY, b"x" * 100)
    context = multiprocessing.get_context("fork")
    found = context.Queue()
    children = [context.Process(target=_read_in_child, args=(storage, found)) for _ in range(4)]
    for child in children:
        child.start()
    assert [found.get(timeout=30) for _ in children] == [b"x" * 100] * 4
    for child in children:
        child.join(30)
    assert content_of(storage) == b"x" * 100
