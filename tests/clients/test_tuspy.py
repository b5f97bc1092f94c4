"""tuspy, the tus client for Python."""

import asyncio
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed
from tusclient.storage.filestorage import FileStorage
from tusclient.uploader import AsyncUploader, Uploader

from tests.clients.conftest import PAGE
from tests.documents import COLLECTION
from tests.images import noise
from tests.server import Server

pytestmark = pytest.mark.server

NOISE = noise((1600, 1200))
CHUNK = len(NOISE) // 5

Content = Callable[[Uploader | AsyncUploader], bytes]


@pytest.fixture(scope="module")
def client(server: Server) -> TusClient:
    headers = {"Authorization": f"Bearer {server.token}"}
    return TusClient(f"{server.url}{COLLECTION}/resumable", headers)


@pytest.fixture
def content(server: Server) -> Content:
    """Tells the bytes of the upload that the last answer to a client names."""

    def content(uploader: Uploader | AsyncUploader) -> bytes:
        address = uploader.request.response_headers["content-location"]
        status, body = server.get(address)
        assert status == 200, body
        status, found = server.get(json.loads(body)["data"]["attributes"]["url"])
        assert status == 200
        return found

    return content


def test_a_file_arrives_whole(client: TusClient, server: Server) -> None:
    metadata = {"filename": "Bühne.jpg", "alt": "Die große Bühne"}
    uploader = client.uploader(file_stream=io.BytesIO(NOISE), metadata=metadata)
    uploader.upload()
    address = uploader.request.response_headers["content-location"]
    created = json.loads(server.get(address)[1])["data"]["attributes"]
    assert (created["filename"], created["alt"]) == ("Bühne.jpg", "Die große Bühne")
    assert created["checksum"] == f"sha256:{hashlib.sha256(NOISE).hexdigest()}"
    assert server.get(created["url"]) == (200, NOISE)


@pytest.mark.parametrize("upload_checksum", [False, True])
def test_chunks_arrive_in_order(
    client: TusClient,
    content: Content,
    upload_checksum: bool,  # noqa: FBT001 - the client's own option
) -> None:
    uploader = client.uploader(
        file_stream=io.BytesIO(NOISE), chunk_size=CHUNK, upload_checksum=upload_checksum
    )
    seen = []
    while uploader.offset < len(NOISE):
        uploader.upload_chunk()
        seen.append(uploader.offset)
    assert seen == [*range(CHUNK, len(NOISE), CHUNK), len(NOISE)]
    assert content(uploader) == NOISE


class ByBetterChecksum(Uploader):
    """Its users may exchange the algorithm."""

    CHECKSUM_ALGORITHM_PAIR = ("sha256", hashlib.sha256)


def test_sha256_is_known_too(client: TusClient, content: Content) -> None:
    uploader = ByBetterChecksum(
        file_stream=io.BytesIO(NOISE), client=client, chunk_size=CHUNK, upload_checksum=True
    )
    uploader.upload()
    assert content(uploader) == NOISE


class ByWrongChecksum(Uploader):
    """As if a byte had changed on the way."""

    CHECKSUM_ALGORITHM_PAIR = ("sha1", lambda chunk: hashlib.sha1(chunk + b"x"))  # noqa: S324


def test_a_damaged_chunk_is_refused_and_sent_again(client: TusClient, content: Content) -> None:
    stream = io.BytesIO(NOISE)
    uploader = client.uploader(file_stream=stream, chunk_size=CHUNK, upload_checksum=True)
    uploader.upload(stop_at=CHUNK)
    damaged = ByWrongChecksum(
        file_stream=stream, client=client, url=uploader.url, upload_checksum=True
    )
    with pytest.raises(TusUploadFailed) as raised:
        damaged.upload()
    assert raised.value.status_code == 460
    again = client.uploader(file_stream=stream, url=uploader.url, upload_checksum=True)
    assert again.offset == CHUNK
    again.upload()
    assert content(again) == NOISE


# It opens a file that it is given by its path again and again, and closes none.
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_an_upload_is_resumed_by_the_address_that_was_stored(
    client: TusClient, content: Content, tmp_path: Path
) -> None:
    path, storage = tmp_path / "noise.jpg", FileStorage(str(tmp_path / "addresses.json"))
    path.write_bytes(NOISE)
    options = {"chunk_size": CHUNK, "store_url": True, "url_storage": storage}
    first = client.uploader(str(path), **options)
    first.upload(stop_at=2 * CHUNK)
    second = client.uploader(str(path), **options)
    assert (second.url, second.offset) == (first.url, 2 * CHUNK)
    second.upload()
    assert content(second) == NOISE
    storage.close()


def test_the_asynchronous_client_works_alike(client: TusClient, content: Content) -> None:
    uploader = client.async_uploader(
        file_stream=io.BytesIO(NOISE), chunk_size=CHUNK, upload_checksum=True
    )
    asyncio.run(uploader.upload())
    assert content(uploader) == NOISE


def test_a_refused_file_is_an_error_and_nothing_is_kept(client: TusClient, server: Server) -> None:
    uploader = client.uploader(file_stream=io.BytesIO(PAGE), metadata={"filename": "refused.gif"})
    with pytest.raises(TusUploadFailed) as raised:
        uploader.upload()
    assert raised.value.status_code == 422
    (error,) = json.loads(raised.value.response_content)["errors"]
    assert "not an image" in error["detail"]
    with pytest.raises(TusCommunicationError, match="404"):
        client.uploader(file_stream=io.BytesIO(PAGE), url=uploader.url)
    listed = json.loads(server.get(f"{COLLECTION}?filter[filename]=refused.gif")[1])
    assert listed["data"] == []


def test_a_file_that_is_too_large_is_not_begun(client: TusClient) -> None:
    uploader = client.uploader(file_stream=io.BytesIO(bytes(26 * 1024 * 1024)))
    with pytest.raises(TusCommunicationError, match="413"):
        uploader.upload()
    assert uploader.url is None
