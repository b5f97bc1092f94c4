"""tus-js-client, which knows nothing of this server but an address and a token."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import Play, Steps
from tests.documents import COLLECTION
from tests.images import noise
from tests.server import Server, manage

pytestmark = pytest.mark.server

NOISE = noise((1600, 1200))
SHA256 = hashlib.sha256(NOISE).hexdigest()
# What the scenario sends in one request, where it sends several. The last one is shorter: of a
# stream that ends where a request does, the client never notices the end.
CHUNK = len(NOISE) // 8 + 1
EXPIRES_AT = f"{datetime.now(UTC) + timedelta(days=7):%Y-%m-%dT%H:%M:%S.%fZ}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the client sends, and where it writes down what it has begun."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "noise.jpg").write_bytes(NOISE)
    return folder


@pytest.fixture(scope="module")
def steps(play: Play, server: Server, folder: Path) -> Steps:
    data_dir = server.storage.parent
    created = manage(data_dir, "token", "create", "--role", "member")
    assert created.returncode == 0, created.stderr
    stranger = created.stdout.strip()
    return play("tus_js_client.mjs", folder=str(folder), stranger=stranger, expires_at=EXPIRES_AT)


@pytest.fixture(scope="module")
def later(play: Play, steps: Steps, folder: Path) -> Steps:
    """What another process makes of the uploads that the first one left."""
    assert steps["left"]
    return play("tus_js_client_later.mjs", folder=str(folder))


def offsets(result: dict[str, Any]) -> list[int]:
    """Return where each request with bytes began."""
    return [offset for method, offset in result["requests"] if method == "PATCH"]


def methods(result: dict[str, Any]) -> list[str]:
    return [method for method, _ in result["requests"]]


@pytest.mark.parametrize(
    ("step", "requests"),
    [
        ("buffer", 1),
        ("file", 1),
        ("stream", 8),
        ("chunks", 8),
        ("deferred", 8),
        ("deferred file", 1),
    ],
)
def test_a_file_arrives_whole(steps: Steps, step: str, requests: int) -> None:
    sent = steps[step]
    assert sent["sha256"] == SHA256
    assert sent["attributes"]["checksum"] == f"sha256:{SHA256}"
    assert (sent["attributes"]["status"], sent["attributes"]["size"]) == ("ready", len(NOISE))
    assert methods(sent) == ["POST", *["PATCH"] * requests]
    assert offsets(sent)[:1] == [0]
    assert all(after - before == CHUNK for before, after in pairwise(offsets(sent)))


def test_the_first_request_may_have_all_bytes(steps: Steps) -> None:
    sent = steps["with the first request"]
    assert sent["sha256"] == SHA256
    assert methods(sent) == ["POST"]


def test_the_first_request_may_have_some_bytes(steps: Steps) -> None:
    sent = steps["chunks from the first request"]
    assert sent["sha256"] == SHA256
    assert offsets(sent) == [CHUNK * n for n in range(1, 8)]


def test_a_network_without_patch_is_no_obstacle(steps: Steps) -> None:
    sent = steps["post instead of patch"]
    assert sent["sha256"] == SHA256
    assert set(methods(sent)) == {"POST"}


@pytest.mark.parametrize("step", ["parts", "parts in chunks"])
def test_parts_that_are_sent_at_once_become_one_file(steps: Steps, step: str) -> None:
    sent = steps[step]
    assert sent["sha256"] == SHA256
    assert sent["attributes"]["size"] == len(NOISE)


def test_fields_travel_as_metadata(steps: Steps) -> None:
    sent = steps["fields"]
    attributes = sent["attributes"]
    assert sent["sha256"] == SHA256
    assert attributes["filename"] == "Bühne, 舞台 🎤.jpg"
    assert attributes["alt"] == "Die große Bühne\nam Abend"
    assert attributes["visibility"] == "private"
    assert attributes["expires-at"] == EXPIRES_AT


def test_an_aborted_request_is_gone_on_with(steps: Steps) -> None:
    sent = steps["aborted"]
    assert sent["sha256"] == SHA256
    assert methods(sent) == ["POST", "PATCH", "HEAD", "PATCH"]


def test_a_terminated_upload_is_gone(steps: Steps) -> None:
    terminated = steps["terminated"]
    assert terminated["before"]["offset"] == 2 * CHUNK
    assert terminated["after"]["status"] == 404


def test_a_refused_file_is_an_error_with_our_document(steps: Steps, server: Server) -> None:
    refused = steps["refused"]
    assert refused["status"] == 422
    (error,) = refused["body"]["errors"]
    assert "not an image" in error["detail"]
    assert refused["after"]["status"] == 404
    listed = json.loads(server.get(f"{COLLECTION}?filter[filename]=page.gif")[1])
    assert listed["data"] == []


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(steps: Steps) -> None:
    refused = steps["too large"]
    assert refused["status"] == 413
    (error,) = refused["body"]["errors"]
    assert error["meta"] == {"limit": 25 * 1024**2, "actual": 26 * 1024**2}
    assert methods(refused) == ["POST"]


def test_a_revoked_token_ends_an_upload_and_another_one_goes_on(steps: Steps) -> None:
    revoked = steps["revoked"]
    assert revoked["status"] == 401
    assert revoked["body"]["errors"][0]["status"] == "401"
    assert revoked["sha256"] == SHA256


def test_another_user_finds_no_upload(steps: Steps) -> None:
    seen = steps["stranger"]
    assert (seen["asked"]["status"], seen["ended"]) == (404, 404)
    assert seen["after"]["offset"] == 2 * CHUNK


def test_another_process_sends_the_rest(later: Steps) -> None:
    resumed = later["resumed"]
    assert resumed["sha256"] == SHA256
    assert resumed["requests"] == [["HEAD", None], ["PATCH", 3 * CHUNK]]


def test_another_process_sends_the_rest_of_each_part(later: Steps) -> None:
    resumed = later["parts resumed"]
    assert resumed["sha256"] == SHA256
    assert resumed["attributes"]["filename"] == "parts.jpg"


def test_an_upload_that_was_finished_before_is_not_sent_again(later: Steps) -> None:
    finished = later["finished before"]
    assert finished["id"] == later["resumed"]["id"]
    assert methods(finished) == ["HEAD"]


def test_an_upload_that_was_deleted_is_sent_again(later: Steps) -> None:
    again = later["deleted since"]
    assert again["id"] != later["resumed"]["id"]
    assert again["sha256"] == SHA256
    assert methods(again) == ["HEAD", "POST", "PATCH"]
