"""`clients/js`, the client of this project, in Node."""

import hashlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import PICTURE, Play, Steps
from tests.commands import run_command
from tests.documents import data_uri
from tests.images import noise
from tests.js_client import JS_CLIENT, build_js_client
from tests.server import Server, manage

pytestmark = pytest.mark.server

NOISE = noise((1600, 1200))
CHECKSUM = f"sha256:{hashlib.sha256(NOISE).hexdigest()}"


@pytest.fixture(scope="module")
def steps(play: Play, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Steps:
    build_js_client()
    folder = tmp_path_factory.mktemp("files")
    (folder / "noise.jpg").write_bytes(NOISE)
    return play("js_client.mjs", folder=str(folder), stranger=server.password)


def test_an_upload_is_returned_with_what_the_server_found_out(steps: Steps) -> None:
    made = steps["upload"]
    assert (made["filename"], made["alt"], made["mediaType"]) == ("one.png", "One", "image/png")
    assert (made["width"], made["height"], made["size"]) == (1600, 1200, len(PICTURE))
    assert steps["shown"]["picture"] == data_uri(PICTURE)
    assert steps["get"] == made


def test_an_upload_has_its_variants_and_owner(steps: Steps) -> None:
    made = steps["upload"]
    assert {"thumbnail", "icon"} <= {each["name"] for each in made["variants"]}
    for variant in made["variants"]:
        assert set(variant) == {"id", "name", "url", "mediaType", "width", "height"}
    assert steps["shown"]["variant"] == "data:image/webp"
    assert made["ownerId"]


def test_a_file_a_blob_and_bytes_arrive_whole_at_once_and_in_chunks(steps: Steps) -> None:
    assert steps["ways"] == [CHECKSUM] * 3


def test_progress_grows_to_the_whole(steps: Steps) -> None:
    seen = steps["progress"]["seen"]
    assert all(total == len(NOISE) for _, total in seen)
    assert all(before <= after for (before, _), (after, _) in pairwise(seen))
    assert seen[-1][0] == len(NOISE)


def test_a_private_file_is_opened_by_a_link(steps: Steps) -> None:
    made = steps["private"]
    upload, link = made["upload"], made["link"]
    assert (upload["filename"], upload["visibility"]) == ("plan, final.png", "private")
    assert upload["expiresAt"][:19] == made["wished"][:19]
    assert made["unsigned"] == 404
    assert (made["length"], made["variant"]) == (len(PICTURE), 200)
    assert link["expiresAt"].endswith("Z")


def test_a_paused_upload_goes_on_where_it_was(steps: Steps) -> None:
    paused = steps["paused"]
    assert paused["checksum"] == CHECKSUM
    assert 0 < paused["atPause"] < paused["size"]


def test_an_upload_can_be_paused_before_it_has_begun(steps: Steps) -> None:
    assert steps["paused before it began"] == {"meanwhile": [], "alt": "Paused"}


def test_pausing_and_resuming_at_once_sends_the_file_once(steps: Steps) -> None:
    restless = steps["paused and resumed at once"]
    assert restless["checksums"] == [CHECKSUM] * 2
    assert restless["sent"].count("POST") == 1
    assert restless["found"] == 2


def test_an_answer_that_is_not_of_this_api_is_an_error_of_the_client(steps: Steps) -> None:
    garbage = steps["garbage"]
    assert len(garbage) == 9 * 5
    for name, (status, code, message) in garbage.items():
        assert status >= 200, name
        assert code == ("constructor" if name.startswith("odd parts") else "unexpected-answer"), (
            name
        )
        assert message, name


def test_an_aborted_upload_leaves_nothing(steps: Steps) -> None:
    assert steps["aborted"] == {"reason": "AbortError", "again": "AbortError", "found": []}


@pytest.mark.parametrize(
    ("step", "status", "code"),
    [
        ("refused", 422, "unsupported-file-type"),
        ("empty", 422, "empty-file"),
        ("wrong time", 422, "invalid-attribute"),
        ("wrong token", 401, "invalid-token"),
        ("away", 0, "no-answer"),
        ("wrong query", 400, "invalid-parameter"),
        ("delete", 404, "not-found"),
    ],
)
def test_a_refusal_has_the_errors_of_the_server(
    steps: Steps, step: str, status: int, code: str
) -> None:
    refused = steps[step]
    assert (refused["status"], refused["code"]) == (status, code)
    assert refused["errors"][0]["code"] == code
    assert refused["message"]


def test_an_error_is_found_at_its_field(steps: Steps) -> None:
    assert "not an image" in steps["refused"]["at"]["data"][0]
    at: dict[str, Any] = steps["wrong time"]["at"]
    assert at["data"] == []
    assert len(at["expiresAt"]) == 1


def test_a_list_is_read_page_after_page(steps: Steps) -> None:
    found = steps["pages"]
    assert found["pages"] == [["Two", "Three", "Four"], ["Five"]]
    assert found["last"] is None
    assert found["all"] == ["Two", "Three", "Four", "Five"]
    assert found["variants"] > 0


def test_a_list_is_filtered(steps: Steps) -> None:
    found = steps["pages"]
    assert found["names"] == ["One", "Two", "Three", "Four", "Five"]
    assert (found["big"], found["since"]) == (0, [])


def test_a_change_is_refused_if_somebody_changed_it_before(steps: Steps) -> None:
    made, update = steps["upload"], steps["update"]
    assert (update["changed"]["alt"], update["changed"]["url"]) == ("Changed", made["url"])
    assert update["changed"]["variants"] == made["variants"]
    assert (update["late"]["status"], update["late"]["code"]) == (412, "precondition-failed")


def test_replaced_content_has_another_url(steps: Steps) -> None:
    made, replaced = steps["upload"], steps["update"]["replaced"]
    assert (replaced["checksum"], replaced["id"]) == (CHECKSUM, made["id"])
    assert replaced["url"] != made["url"]
    assert replaced["alt"] == "Changed"


def test_the_limits_are_published(steps: Steps) -> None:
    policy = steps["policies"]
    assert policy["maxBytes"] == 25 * 1024 * 1024
    assert "image/png" in policy["mediaTypes"]


def test_who_signs_in_may_upload(steps: Steps) -> None:
    signed = steps["sign in"]
    assert (signed["before"]["status"], signed["wrong"]["status"]) == (401, 401)
    assert signed["upload"]["ownerId"] == steps["upload"]["ownerId"]


def test_the_committed_types_are_those_of_the_description(tmp_path: Path) -> None:
    """Where they are not, `clients/js/schema.mjs` says how to make them."""
    node = build_js_client()
    described = manage(tmp_path, "openapi")
    assert described.returncode == 0, described.stderr
    made = run_command(node, JS_CLIENT / "schema.mjs", input=described.stdout)
    assert made.stdout == (JS_CLIENT / "src/schema.ts").read_text()
