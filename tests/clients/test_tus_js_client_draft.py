"""tus-js-client, by the draft of the IETF instead of tus."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.conftest import Play, Steps
from tests.images import noise
from tests.server import Server

pytestmark = pytest.mark.server

NOISE = noise((1600, 1200))
SHA256 = hashlib.sha256(NOISE).hexdigest()
CHUNK = -(-len(NOISE) // 8)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that speaks it."""
    running = Server(tmp_path_factory.mktemp("server"), resumable_draft="true")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def steps(play: Play, tmp_path_factory: pytest.TempPathFactory) -> Steps:
    folder = tmp_path_factory.mktemp("files")
    (folder / "noise.jpg").write_bytes(NOISE)
    return play("tus_js_client_draft.mjs", folder=str(folder))


def offsets(result: dict[str, Any]) -> list[int]:
    """Return where each request with bytes began."""
    return [offset for method, offset in result["requests"] if method == "PATCH"]


@pytest.mark.parametrize(
    ("step", "wanted"),
    [
        ("buffer", [0]),
        ("file", [0]),
        ("chunks", [CHUNK * n for n in range(8)]),
        ("with the first request", []),
        ("at the collection", [CHUNK * n for n in range(8)]),
        ("resumed", [CHUNK * n for n in range(3, 8)]),
    ],
)
def test_a_file_arrives_whole(steps: Steps, step: str, wanted: list[int]) -> None:
    sent = steps[step]
    attributes = sent["data"]["attributes"]
    assert attributes["checksum"] == f"sha256:{SHA256}"
    assert (attributes["status"], attributes["size"]) == ("ready", len(NOISE))
    assert offsets(sent) == wanted


def test_fields_travel_as_metadata(steps: Steps) -> None:
    attributes = steps["fields"]["data"]["attributes"]
    assert attributes["filename"] == "Bühne 🎤.jpg"
    assert (attributes["alt"], attributes["visibility"]) == ("The stage", "private")


def test_a_terminated_upload_is_gone(steps: Steps) -> None:
    assert steps["terminated"] == 404


def test_a_refused_file_is_an_error_with_our_document(steps: Steps) -> None:
    refused = steps["refused"]
    assert refused["status"] == 422
    (error,) = refused["body"]["errors"]
    assert error["code"] == "unsupported-file-type"
