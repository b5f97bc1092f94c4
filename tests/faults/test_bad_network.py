"""A large file arrives whole over a network that breaks every few megabytes."""

import json
import random
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from open_event_uploads_client import UploadsClient
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from tests.cable import Cable, Cut, random_cuts
from tests.documents import COLLECTION
from tests.faults.deployment import Deployment
from tests.images import noise
from tests.machine import node_with_packages
from tests.stacks import STACKS

pytestmark = [
    pytest.mark.server,
    pytest.mark.slow,
    pytest.mark.default_stack("has its own stacks"),
]

CLIENTS = Path(__file__).parents[1] / "clients"
_MIB = 1024 * 1024
SIZE = 200 * _MIB
# What a connection carries at most, and what tuspy sends in one request.
LONGEST, CHUNK = 8 * _MIB, 4 * _MIB
SEED = 20261129


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture with many bytes after its end, which belong to the file; no two MiB are alike."""
    path = tmp_path_factory.mktemp("big") / "big.jpg"
    source = random.Random(SEED)  # noqa: S311 - fills a file, no secret
    picture = noise((1200, 900))
    with path.open("wb") as file:
        file.write(picture)
        while missing := SIZE - file.tell():
            file.write(source.randbytes(min(_MIB, missing)))
    return path


@pytest.fixture
def cuts() -> Iterable[Cut]:
    return random_cuts(SEED, LONGEST)


@pytest.fixture
def cable(cuts: Iterable[Cut]) -> Iterator[Cable]:
    with Cable(cuts) as cable:
        yield cable


@pytest.fixture
def deployment(
    request: pytest.FixtureRequest, stack: str, cable: Cable, tmp_path: Path
) -> Iterator[Deployment]:
    """A server behind the bad network."""
    settings: dict[str, object] = {"max_bytes": 2 * SIZE, "metadata": "keep"}
    with ExitStack() as parts:
        for name in STACKS[stack]:
            part = request.getfixturevalue(name)
            settings |= parts.enter_context(part.settings_of(request.node.name))
        deployment = Deployment(tmp_path, settings | {"public_url": cable.url})
        parts.callback(deployment.close)
        cable.port = deployment.server.port
        yield deployment


def assert_whole(deployment: Deployment, address: str, big: Path) -> None:
    """Fail unless there is one upload, at this address, with the bytes of a file."""
    (upload,) = json.loads(deployment.server.get(COLLECTION)[1])["data"]
    assert urlsplit(address).path == f"{COLLECTION}/{upload['id']}"
    connection = HTTPConnection(deployment.server.address, timeout=30)
    connection.request("GET", urlsplit(upload["attributes"]["url"]).path)
    with big.open("rb") as file, connection.getresponse() as response:
        while chunk := file.read(_MIB):
            assert response.read(_MIB) == chunk
        assert response.read() == b""
    connection.close()
    assert deployment.problems() == []


def assert_bad(cable: Cable) -> None:
    """Fail unless the network was one that nothing of this size gets through in one piece."""
    assert cable.broken["to_server"] > SIZE // LONGEST
    assert cable.broken["to_client"] > 0


def send(deployment: Deployment, cable: Cable, big: Path, parts: int = 1) -> str:
    """Send a file by tus-js-client, in parts at once, and return the address of the upload."""
    scenario = {"host": cable.url, "token": deployment.token, "folder": str(big.parent)}
    scenario["parts"] = str(parts)
    sending = subprocess.run(  # noqa: S603 - our own script
        [node_with_packages(CLIENTS), "tus_js_client_cut.mjs", json.dumps(scenario)],
        cwd=CLIENTS,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert sending.returncode == 0, sending.stdout + sending.stderr
    return str(json.loads(sending.stdout)["result"])


def send_by_python(deployment: Deployment, cable: Cable, big: Path) -> str:
    """Send a file by the Python client, and return the address of the upload."""
    with UploadsClient(cable.url, deployment.token, retry_delays=(0.05,) * 300) as client:
        return f"{COLLECTION}/{client.upload(big).id}"


@pytest.mark.parametrize(("stack", "parts"), [("default", 1), ("cloud", 1), ("default", 3)])
def test_what_tus_js_client_sends_arrives_whole(
    deployment: Deployment, cable: Cable, big: Path, parts: int
) -> None:
    address = send(deployment, cable, big, parts)
    assert_whole(deployment, address, big)
    assert_bad(cable)
    # What has arrived of a request that broke is kept, so less is sent twice than once.
    assert cable.carried < SIZE * 2


@pytest.mark.parametrize("cuts", [[Cut(20 * _MIB, is_silent=True)] * 3])
@pytest.mark.parametrize("stack", ["default", "cloud"])
def test_a_client_that_comes_back_waits_for_no_connection_that_hangs(
    deployment: Deployment, cable: Cable, big: Path
) -> None:
    address = send(deployment, cable, big)
    assert_whole(deployment, address, big)
    assert cable.broken["to_server"] == 3


@pytest.mark.parametrize("stack", ["default"])
def test_what_the_python_client_sends_arrives_whole(
    deployment: Deployment, cable: Cable, big: Path
) -> None:
    address = send_by_python(deployment, cable, big)
    assert_whole(deployment, address, big)
    assert_bad(cable)
    assert cable.carried < SIZE * 2


@pytest.mark.parametrize("cuts", [[]])
@pytest.mark.parametrize("stack", ["default"])
@pytest.mark.parametrize("send", [send, send_by_python])
def test_a_client_goes_on_when_the_server_was_killed(
    deployment: Deployment, cable: Cable, big: Path, send: Callable[..., str]
) -> None:
    with ThreadPoolExecutor(1) as client:
        sending = client.submit(send, deployment, cable, big)
        for carried in (SIZE // 3, SIZE):
            while cable.carried < carried and not sending.done():
                time.sleep(0.01)
            deployment.kill()
            cable.port = deployment.server.port
        address = sending.result()
    assert_whole(deployment, address, big)


# Longer than a body may pause.
@pytest.mark.parametrize("cuts", [[Cut(20 * _MIB, pause_seconds=25)]])
@pytest.mark.parametrize("stack", ["default"])
def test_a_client_goes_on_after_a_pause(deployment: Deployment, cable: Cable, big: Path) -> None:
    address = send(deployment, cable, big)
    assert_whole(deployment, address, big)
    assert cable.carried < SIZE * 1.2


@pytest.mark.parametrize("stack", ["default"])
def test_what_tuspy_sends_with_checksums_arrives_whole(
    deployment: Deployment, cable: Cable, big: Path
) -> None:
    headers = {"Authorization": f"Bearer {deployment.token}"}
    client = TusClient(f"{cable.url}{COLLECTION}/resumable", headers)
    with big.open("rb") as stream:
        uploader = client.uploader(
            file_stream=stream,
            chunk_size=CHUNK,
            upload_checksum=True,
            retries=300,
            retry_delay=0.05,
        )
        while uploader.url is None:
            # It sends this request once, whatever happens.
            with suppress(TusCommunicationError):
                uploader.set_url(uploader.create_url())
        uploader.upload()
    address = uploader.request.response_headers["content-location"]
    assert_whole(deployment, address, big)
    assert_bad(cable)
