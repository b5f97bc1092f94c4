"""Every file of the corpus, sent to the real server, again and again."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from open_event_uploads.imaging.formats import MEDIA_TYPES
from tests.corpus import VARIABLE, Specimen, corpus
from tests.documents import COLLECTION, JSON_API, data_uri, document
from tests.fetch import fetch
from tests.server import Server
from tests.unit.imaging.test_corpus import must_be_accepted, must_be_refused

SPECIMENS = corpus()
PASSES = 10
# Of what the server's processes have for themselves, between the third pass and the last.
MOST_GROWTH_BYTES = 48 * 1024**2

pytestmark = [
    pytest.mark.server,
    pytest.mark.default_stack("says nothing about either engine"),
    pytest.mark.skipif(
        not SPECIMENS, reason=f"{VARIABLE} names no folder with a manifest.csv; it is optional"
    ),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("corpus"), rate_limits="off")
    yield running
    running.stop()


def send(server: Server, specimen: Specimen, *, as_document: bool) -> tuple[int, dict[str, object]]:
    """The status and the document that answer an upload."""
    content, media_type = specimen.path.read_bytes(), "application/octet-stream"
    if as_document:
        # What it claims to be has no weight.
        body = document({"data": data_uri(content), "filename": specimen.path.name})
        content, media_type = json.dumps(body).encode(), JSON_API
    connection = HTTPConnection(server.address, timeout=60)
    fields = {"Authorization": f"Bearer {server.token}", "Content-Type": media_type}
    connection.request("POST", COLLECTION, content, fields)
    answer = connection.getresponse()
    status, found = answer.status, json.loads(answer.read())
    connection.close()
    return status, found


def test_every_file_of_the_corpus_is_judged_and_what_is_served_is_inert(server: Server) -> None:
    sizes = []
    for number in range(PASSES):
        for specimen in SPECIMENS:
            status, found = send(server, specimen, as_document=number % 2 == 0)
            assert status in {201, 413, 422}, (specimen.path.name, found)
            if must_be_accepted(specimen):
                assert status == 201, (specimen.path.name, found)
            if must_be_refused(specimen):
                assert status != 201, (specimen.path.name, found)
            if status == 201 and number == 0:
                assert_inert(str(found["data"]["attributes"]["url"]))  # type: ignore[index]
        sizes.append(memory_bytes(server))
    assert sizes[-1] - sizes[2] < MOST_GROWTH_BYTES, sizes
    status, _ = server.request("POST", COLLECTION, SPECIMENS[0].path.read_bytes(), "image/png")
    assert status in {201, 422}


def assert_inert(url: str) -> None:
    answer = fetch(urlsplit(url).geturl())
    assert answer.status == 200
    assert answer.headers["content-type"] in MEDIA_TYPES
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"


def memory_bytes(server: Server) -> int:
    """Of all its processes; what several share counts once (proc(5), smaps_rollup, Pss)."""
    found = 0
    for process in server.processes():
        lines = Path(f"/proc/{process}/smaps_rollup").read_text("ascii").splitlines()
        found += sum(int(each.split()[1]) for each in lines if each.startswith("Pss:"))
    return found * 1024
