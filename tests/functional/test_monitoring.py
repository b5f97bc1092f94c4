"""What operators' programs ask, and what they read in the log."""

import json
import re
import shutil
import signal
import time
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from threading import Event

import pytest
from flask.testing import FlaskClient

from open_event_uploads.maintenance import check_parts
from open_event_uploads.server import readiness
from open_event_uploads.storage.timed import OPERATIONS
from tests.conftest import AppFactory
from tests.documents import COLLECTION, encode_upload, path_of, post, upload
from tests.faults.wire import answer_of, connect, head_of
from tests.fetch import fetch
from tests.images import picture
from tests.server import Server, manage

TOKEN = "m" * 40
DOCS = Path(__file__).parents[2] / "docs/how-to/monitoring.md"


@pytest.mark.default_stack("asks a folder")
def test_a_server_that_works_is_ready(client: FlaskClient) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.get_json()
    assert body["status"] == "ready"
    assert body["parts"].keys() == {"database", "schema", "storage"}
    assert all(each["ok"] and each["milliseconds"] >= 0 for each in body["parts"].values())
    assert client.get("/health/live").get_json() == {"status": "live"}


@pytest.mark.default_stack("takes a folder away")
def test_a_server_without_its_storage_lives_and_is_not_ready(
    client: FlaskClient, data_dir: Path
) -> None:
    shutil.rmtree(data_dir / "storage")
    (data_dir / "storage").write_bytes(b"")
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    states = {name: each["ok"] for name, each in answer.get_json()["parts"].items()}
    assert states == {"database": True, "schema": True, "storage": False}
    assert str(data_dir) not in answer.text
    assert client.get("/health/live").status_code == 200


@pytest.mark.default_stack("says nothing about either engine")
def test_a_part_that_never_answers_is_waited_for_once(
    make_app: AppFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, released = [], Event()

    def hang(_: object) -> None:
        asked.append(1)
        released.wait(60)

    monkeypatch.setattr(check_parts, "check_storage", hang)
    monkeypatch.setattr(readiness, "_PATIENCE_SECONDS", 0.1)
    client = make_app().test_client()
    for _ in range(5):
        began = time.monotonic()
        assert client.get("/health/ready").status_code == 503
        assert time.monotonic() - began < 10
    released.set()
    assert asked == [1]


@pytest.mark.default_stack("says nothing about either engine")
def test_an_answer_is_given_again_for_a_second(client: FlaskClient) -> None:
    first = client.get("/health/ready").get_json()
    assert client.get("/health/ready").get_json() == first


def test_the_figures_are_not_there_without_their_token(make_app: AppFactory) -> None:
    client = make_app(metrics_token=TOKEN).test_client()
    assert client.get("/metrics").status_code == 404  # an admin's token is another one
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}x"}).status_code == 404
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    without = make_app().test_client()
    assert without.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def figures(text: str) -> dict[str, float]:
    """Each sample of an exposition, by name and labels."""
    lines = [each.rpartition(" ") for each in text.splitlines() if not each.startswith("#")]
    return {name: float(value) for name, _, value in lines}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path, metrics_token=TOKEN, log_format="json")
    yield running
    running.kill()


def scrape(server: Server) -> dict[str, float]:
    answer = fetch(f"{server.url}/metrics", Authorization=f"Bearer {TOKEN}")
    assert answer.status == 200
    return figures(answer.content.decode())


@pytest.mark.server
@pytest.mark.default_stack("starts a server of its own")
def test_the_figures_are_those_of_all_workers_together(server: Server) -> None:
    content = picture()
    for _ in range(40):
        assert server.request("POST", COLLECTION, content, "image/png")[0] == 201
    assert server.request("POST", COLLECTION, b"nothing", "image/png")[0] == 422
    made = json.loads(server.get(f"{COLLECTION}?include=variants")[1])
    variant = made["included"][0]["attributes"]["url"].removeprefix(server.url)
    assert server.get(variant)[0] == 200
    for _ in range(5):  # whichever worker is asked
        found = scrape(server)
        route = 'method="POST",route="/v1/uploads"'
        assert found[f'uploads_http_requests_total{{{route},status="201"}}'] == 40
        assert found[f"uploads_http_request_seconds_count{{{route}}}"] == 41
        assert found['uploads_http_received_bytes_total{route="/v1/uploads"}'] >= 40 * len(content)
        assert found['uploads_refusals_total{code="unsupported-file-type"}'] == 1
        assert sum(value for name, value in found.items() if "variants_made_total" in name) == 1
        assert found['uploads_storage_seconds_count{operation="put"}'] >= 41
        assert found['uploads_database_seconds_count{statement="insert"}'] >= 40
        assert found['uploads_http_sent_bytes_total{route="/media/<path:key>"}'] > 0


@pytest.mark.server
@pytest.mark.default_stack("starts a server of its own")
def test_failures_are_counted_from_zero(server: Server) -> None:
    failures = {key: value for key, value in scrape(server).items() if "storage_failures_t" in key}
    assert failures == {
        f'uploads_storage_failures_total{{operation="{each}"}}': 0 for each in OPERATIONS
    }


@pytest.mark.server
@pytest.mark.default_stack("starts a server of its own")
def test_a_worker_that_dies_takes_no_figures_along(server: Server) -> None:
    for _ in range(20):
        assert server.request("POST", COLLECTION, picture(), "image/png")[0] == 201
    name = 'uploads_http_requests_total{method="POST",route="/v1/uploads",status="201"}'
    assert scrape(server)[name] == 20
    server.kill_a_worker()
    until = time.monotonic() + 60
    while True:
        try:
            found = scrape(server)[name]
            break
        except (OSError, HTTPException):  # the next worker does not answer yet
            assert time.monotonic() < until
            time.sleep(0.1)
    assert found == 20


@pytest.mark.server
@pytest.mark.default_stack("starts a server of its own")
def test_a_sweep_shows_when_it_was_and_what_it_found(server: Server, tmp_path: Path) -> None:
    assert "uploads_sweep_timestamp_seconds" not in scrape(server)
    assert manage(tmp_path / "data", "sweep").returncode == 0
    found = scrape(server)
    assert abs(found["uploads_sweep_timestamp_seconds"] - time.time()) < 60
    assert (found["uploads_sweep_removed"], found["uploads_sweep_orphans"]) == (0, 0)


@pytest.mark.server
@pytest.mark.default_stack("starts a server of its own")
def test_a_line_of_the_log_is_json_and_says_nothing_secret(server: Server) -> None:
    body = encode_upload(picture())
    address = f"{COLLECTION}?page%5Bnumber%5D=1&secret-of-a-link=1"
    assert server.request("POST", address, body, "application/vnd.api+json")[0] in {201, 400}
    answer = fetch(f"{server.url}/v1/%0Anowhere%1b[31m", Authorization="Bearer nonsense")
    assert answer.status in {401, 404}
    lines = [json.loads(each) for each in server.log_lines() if each.startswith("{")]
    requests = [each for each in lines if each["event"] == "request"]
    assert {"timestamp", "level", "method", "path", "status", "bytes", "milliseconds"} <= requests[
        0
    ].keys()
    last = requests[-1]
    assert last["request_id"] == answer.headers["x-request-id"]
    assert json.loads(answer.content)["errors"][0]["id"] == last["request_id"]
    text = "\n".join(json.dumps(each) for each in lines)
    assert "base64" not in text
    assert "secret-of-a-link" not in text
    assert server.token not in text


def test_successes_may_be_left_out_of_the_log(
    make_app: AppFactory, capfd: pytest.CaptureFixture[str]
) -> None:
    client = make_app(log_sample=0).test_client()
    client.get("/v1")
    client.get("/v1/nothing")
    client.get("/health/live")
    written = capfd.readouterr().err
    assert re.findall("path='([^']*)'", written) == ["/v1/nothing"]


@pytest.mark.server
@pytest.mark.default_stack("starts a server of its own")
def test_a_server_that_is_told_to_end_finishes_what_it_began(server: Server) -> None:
    content = picture()
    fields = ("Content-Type: image/png", f"Content-Length: {len(content)}")
    with connect(server) as connection:
        connection.sendall(head_of(server, f"POST {COLLECTION}", *fields) + content[:10])
        time.sleep(0.3)
        server.signal(signal.SIGTERM)
        time.sleep(0.5)
        with pytest.raises(OSError):  # noqa: PT011 - refused or reset, as the kernel says
            connect(server)
        connection.sendall(content[10:])
        assert answer_of(connection).status == 201
    assert server.ended() == 0


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"uploads_[a-z_]+", DOCS.read_text("utf-8"))))
)
def test_what_the_documentation_names_is_there(make_app: AppFactory, name: str) -> None:
    client = make_app(metrics_token=TOKEN).test_client()
    upload(client, picture())
    post(client, {})
    made = client.get(f"{COLLECTION}?include=variants").get_json()
    client.get(path_of(made["included"][0]["attributes"]["url"]))
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert re.search(rf"^# HELP {name.removesuffix('_total')}\b|^{name}\b", text, re.MULTILINE) or (
        name.startswith("uploads_sweep_")
    )
