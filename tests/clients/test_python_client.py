"""The Python client, synchronous and asynchronous, against the real server."""

import asyncio
import hashlib
import io
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from inspect import isasyncgen, isawaitable
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import httpx
import pytest
import trio
from open_event_uploads_client import (
    AsyncUploadsClient,
    ConnectionLost,
    Upload,
    UploadInterrupted,
    UploadsClient,
    UploadsError,
)

from tests.cable import Cable, Cut
from tests.clients.conftest import PAGE
from tests.images import noise, picture
from tests.server import Server

pytestmark = [pytest.mark.server, pytest.mark.slow]

NOISE = noise((1600, 1200))
NOW_AND_THEN = (0.05,) * 5

Connect = Callable[..., UploadsClient]


class Awaited:
    """The asynchronous client, whose methods a test calls like those of the other one."""

    def __init__(self, runner: asyncio.Runner, client: AsyncUploadsClient) -> None:
        self._runner, self._client = runner, client

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._call, getattr(self._client, name))

    def _call(self, method: Callable[..., Any], *arguments: object, **options: object) -> object:
        async def call() -> object:
            found = method(*arguments, **options)
            if isasyncgen(found):
                return [each async for each in found]
            return await found if isawaitable(found) else found

        return self._runner.run(call())


@pytest.fixture(params=["sync", "async"])
def connect(request: pytest.FixtureRequest, server: Server) -> Iterator[Connect]:
    """Make clients of one kind, as the first admin unless a test says otherwise."""
    with ExitStack() as stack, asyncio.Runner() as runner:

        def connect(
            url: str = server.url,
            *,
            keeps_alive: bool = True,
            **options: Any,  # noqa: ANN401 - those of two classes
        ) -> UploadsClient:
            options = {"token": server.token, "retry_delays": NOW_AND_THEN} | options
            limits = httpx.Limits(max_keepalive_connections=20 if keeps_alive else 0)
            if request.param == "sync":
                http = stack.enter_context(httpx.Client(limits=limits))
                return UploadsClient(url, http=http, **options)
            asynchronous = httpx.AsyncClient(limits=limits)
            stack.callback(lambda: runner.run(asynchronous.aclose()))
            client = AsyncUploadsClient(url, http=asynchronous, **options)
            return cast("UploadsClient", Awaited(runner, client))

        yield connect
        stack.close()


@pytest.fixture
def client(connect: Connect) -> UploadsClient:
    return connect()


def fetched(url: str | None) -> bytes:
    assert url
    with urllib.request.urlopen(url, timeout=30) as response:  # noqa: S310 - of our server
        return cast("bytes", response.read())


def test_a_file_arrives_with_its_name_and_what_is_said_about_it(
    client: UploadsClient, tmp_path: Path
) -> None:
    path, told = tmp_path / "Bühne.jpg", []
    path.write_bytes(NOISE)
    until = datetime.now(UTC) + timedelta(days=3)
    upload = client.upload(
        path,
        alt="Die große Bühne",
        caption="Am Abend",
        expires_at=until,
        on_progress=lambda sent, size: told.append((sent, size)),
    )
    assert (upload.filename, upload.alt, upload.caption) == (
        "Bühne.jpg",
        "Die große Bühne",
        "Am Abend",
    )
    assert (upload.expires_at, upload.status) == (until, "ready")
    assert (upload.media_type, upload.width, upload.height) == ("image/jpeg", 1600, 1200)
    assert fetched(upload.url) == NOISE
    assert told == sorted(told)
    assert told[-1] == (len(NOISE), len(NOISE))
    assert client.get(upload.id) == upload


@pytest.mark.parametrize("chunk_bytes", [None, 100_000])
def test_bytes_and_open_files_arrive_too(client: UploadsClient, chunk_bytes: int | None) -> None:
    of_bytes = client.upload(NOISE, filename="bytes.jpg", chunk_bytes=chunk_bytes)
    stream = io.BytesIO(NOISE)
    stream.seek(1000)
    of_stream = client.upload(stream, chunk_bytes=chunk_bytes)
    assert of_bytes.checksum == of_stream.checksum == f"sha256:{hashlib.sha256(NOISE).hexdigest()}"
    assert (of_bytes.filename, stream.closed) == ("bytes.jpg", False)


def test_a_refused_file_raises_the_errors_of_the_document(client: UploadsClient) -> None:
    with pytest.raises(UploadsError, match="not an image") as raised:
        client.upload(PAGE, filename="page.gif")
    assert (raised.value.status, raised.value.code) == (422, "unsupported-file-type")
    assert raised.value.errors[0].id
    with pytest.raises(UploadsError) as raised:
        client.upload(b"")
    assert raised.value.status == 422
    with pytest.raises(UploadsError) as raised:
        client.upload(bytes(26 * 1024 * 1024))
    assert (raised.value.status, raised.value.code) == (413, "request-too-large")


def test_a_list_goes_on_over_pages(client: UploadsClient) -> None:
    word = f"listed{uuid4().hex}"
    names = [f"{word}-{number}.png" for number in range(5)]
    for number, name in enumerate(names):
        client.upload(picture(size=(20 + number, 8)), filename=name)
    found = list(client.list(filters={"q": word}, page_size=2))
    assert [each.filename for each in found] == names[::-1]
    assert client.get(found[0].id).attributes == found[0].attributes
    sizes = {"q": word, "size": {"gte": 1, "lt": 100_000}}
    found = list(client.list(filters=sizes, sort="filename", page_size=5))
    assert [each.filename for each in found] == names
    assert list(client.list(filters={"filename": "nobody.png"})) == []


def test_changes_collide_only_if_one_asks(client: UploadsClient) -> None:
    upload = client.upload(picture(), expires_at=datetime.now(UTC) + timedelta(days=3))
    changed = client.update(upload.id, alt="First", if_match=upload.etag)
    assert (changed.alt, changed.expires_at) == ("First", upload.expires_at)
    with pytest.raises(UploadsError) as raised:
        client.update(upload.id, alt="Second", if_match=upload.etag)
    assert raised.value.status == 412
    kept = client.update(upload.id, expires_at=None)
    assert (kept.alt, kept.expires_at) == ("First", None)
    with pytest.raises(UploadsError) as raised:
        client.delete(upload.id, if_match=upload.etag)
    assert raised.value.status == 412
    client.delete(upload.id, if_match=kept.etag)
    with pytest.raises(UploadsError) as raised:
        client.get(upload.id)
    assert raised.value.status == 404


def test_an_attribute_at_fault_is_named(client: UploadsClient) -> None:
    upload = client.upload(picture())
    with pytest.raises(UploadsError) as raised:
        client.update(upload.id, alt="x" * 2001)
    assert raised.value.errors[0].pointer == "/data/attributes/alt"


def test_new_bytes_get_a_new_address(client: UploadsClient) -> None:
    upload, told = client.upload(picture(), filename="before.png"), []
    replaced = client.replace(
        upload.id, NOISE, if_match=upload.etag, on_progress=lambda *numbers: told.append(numbers)
    )
    assert (replaced.id, replaced.filename) == (upload.id, "before.png")
    assert replaced.url != upload.url
    assert fetched(replaced.url) == NOISE
    assert told[-1] == (len(NOISE), len(NOISE))
    named = client.replace(upload.id, picture(), filename='Bühne; "2".png')
    assert named.filename == 'Bühne; "2".png'


def test_a_link_opens_a_private_file(client: UploadsClient) -> None:
    upload = client.upload(NOISE, visibility="private")
    link = client.download_link(upload.id, expires_in=60)
    assert fetched(link.url) == NOISE
    assert link.expires_at
    assert timedelta() < link.expires_at - datetime.now(UTC) <= timedelta(seconds=60)
    names = {each.name for each in client.variants(upload.id)}
    assert names == set(link.variants)
    assert "thumbnail" in names


def test_whoever_signs_in_is_known_from_then_on(connect: Connect) -> None:
    stranger = connect(token=None)
    with pytest.raises(UploadsError) as raised:
        list(stranger.list())
    assert raised.value.status == 401
    with pytest.raises(UploadsError) as raised:
        stranger.sign_in("nobody@example.org", "guessed")
    assert raised.value.code == "invalid-credentials"


def test_an_admin_signs_in(connect: Connect, server: Server) -> None:
    (email,) = [line.split()[1] for line in server.log_lines() if line.startswith("  email ")]
    somebody = connect(token=None)
    session = somebody.sign_in(email, server.password)
    assert session.device_token
    assert somebody.upload(picture()).status == "ready"
    assert somebody.sign_in(email, server.password, device_token=session.device_token).token


def test_the_limits_can_be_asked_for(client: UploadsClient) -> None:
    found = client.policies()
    assert found.max_bytes == 25 * 1024 * 1024
    assert "image/png" in found.media_types
    assert found.attributes["max-page-size"] == 100


# Each request has a connection of its own here: the first one begins the upload.
WHOLE, BEFORE_THE_ANSWER = Cut(), Cut(to_client=1)
CUTS = {
    "in the middle, twice": [WHOLE, Cut(to_server=300_000), WHOLE, Cut(to_server=300_000)],
    "in the middle, without a reset": [WHOLE, Cut(to_server=300_000, resets=False)],
    "before the first answer": [BEFORE_THE_ANSWER],
    "before the last answer": [WHOLE, BEFORE_THE_ANSWER],
    "while it asks what arrived": [WHOLE, Cut(to_server=300_000), BEFORE_THE_ANSWER],
}


@pytest.mark.parametrize("cuts", CUTS.values(), ids=CUTS)
def test_an_upload_goes_on_when_connections_break(
    connect: Connect, server: Server, cuts: list[Cut]
) -> None:
    begun: list[str] = []
    with Cable(cuts) as cable:
        cable.port = server.port
        upload = connect(cable.url, keeps_alive=False).upload(NOISE, on_begin=begun.append)
        assert cable.broken.total() == len([each for each in cuts if each != WHOLE])
    assert fetched(upload.url) == NOISE
    assert len(begun) == 1


def test_an_upload_is_resumed_by_its_address_later(
    connect: Connect, client: UploadsClient, server: Server
) -> None:
    with Cable([Cut(to_server=300_000), *[Cut(to_client=0)] * 10]) as cable:
        cable.port = server.port
        with pytest.raises(UploadInterrupted) as raised:
            connect(cable.url, retry_delays=(0,)).upload(NOISE, filename="resumed.jpg")
    interrupted = raised.value
    assert interrupted.address in str(interrupted)
    with pytest.raises(ValueError, match="another file"):
        client.upload(NOISE[:-1], resume=interrupted.address)
    told: list[int] = []
    upload = client.upload(
        NOISE, resume=interrupted.address, on_progress=lambda sent, _: told.append(sent)
    )
    assert upload.filename == "resumed.jpg"
    assert fetched(upload.url) == NOISE
    # Once more: its answer could have been lost.
    assert client.upload(NOISE, resume=interrupted.address).id == upload.id


def test_an_upload_that_was_begun_can_be_given_up(connect: Connect, server: Server) -> None:
    begun: list[str] = []
    with Cable([Cut(to_server=300_000), *[Cut(to_client=0)] * 10]) as cable:
        cable.port = server.port
        with pytest.raises(UploadInterrupted):
            connect(cable.url, retry_delays=()).upload(NOISE, on_begin=begun.append)
    client = connect()
    client.cancel_upload(begun[0])
    with pytest.raises(UploadsError) as raised:
        client.upload(NOISE, resume=begun[0])
    assert raised.value.status == 404


def test_nobody_there_is_a_lost_connection(connect: Connect) -> None:
    with Cable() as cable:
        cable.pull()
        nobody = connect(cable.url, retry_delays=())
        with pytest.raises(ConnectionLost):
            nobody.get("01a22821-7139-7d4b-af57-8daae80cb98b")
        with pytest.raises(ConnectionLost):
            nobody.upload(NOISE)


def test_the_asynchronous_client_works_in_trio_too(server: Server, tmp_path: Path) -> None:
    path, told = tmp_path / "noise.jpg", list[int]()
    path.write_bytes(NOISE)

    async def send() -> Upload:
        with Cable([Cut(to_server=300_000)]) as cable:
            cable.port = server.port
            client = AsyncUploadsClient(cable.url, server.token, retry_delays=NOW_AND_THEN)
            async with client:
                upload = await client.upload(path, on_progress=lambda sent, _: told.append(sent))
                assert upload.id in [each.id async for each in client.list()]
                return upload

    assert fetched(trio.run(send).url) == NOISE
    assert told[-1] == len(NOISE)
