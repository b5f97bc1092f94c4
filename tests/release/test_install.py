"""Install the server's wheel in an empty environment, and start it for the first time."""

import json
import re
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from open_event_uploads import __version__
from tests.documents import JSON_API, data_uri
from tests.images import picture
from tests.ports import free_port, listens_soon
from tests.processes import start
from tests.release.packages import Distributions, Environment

pytestmark = [
    pytest.mark.server,
    pytest.mark.slow,
    pytest.mark.default_stack("packages are the same"),
]

PROGRAM = "open-event-uploads"


@dataclass(frozen=True, slots=True)
class Running:
    """A server that was started without a setting.

    Args:
        url: where it listens.
        printed: since its start.
        folder: the one that it was started in.
    """

    url: str
    printed: str
    folder: Path

    @property
    def token(self) -> str:
        """The token of the first admin."""
        found = re.search(r"^  token +(\S+)$", self.printed, re.MULTILINE)
        assert found
        return found[1]

    def fetch(self, path: str, document: object = None) -> tuple[int, bytes]:
        """Return the status and the body of an answer, with the printed token."""
        request = urllib.request.Request(  # noqa: S310 - http
            self.url + path if path.startswith("/") else path,
            data=None if document is None else json.dumps(document).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": JSON_API},
        )
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - http
            return response.status, response.read()


@pytest.fixture(scope="module")
def running(
    server_environment: Environment, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    folder, port = tmp_path_factory.mktemp("first"), free_port()
    log = folder / "printed"
    with log.open("w") as output:
        process = start(
            [server_environment.bin / PROGRAM, "serve", "--port", str(port)],
            cwd=folder,
            env=server_environment.variables,
            stdout=output,
            stderr=output,
        )
    try:
        # Python has compiled nothing of what was installed: a busy machine takes a while.
        assert any(listens_soon(port) for _ in range(15)), log.read_text()
        yield Running(f"http://127.0.0.1:{port}", log.read_text(), folder)
    finally:
        process.terminate()
        status = process.wait(30)
    assert status == 0, log.read_text()


def test_the_installed_package_is_used_and_not_the_checkout(
    server_environment: Environment,
) -> None:
    code = "import open_event_uploads; print(open_event_uploads.__file__)"
    printed = server_environment.run("python", "-c", code)
    assert Path(printed.strip()).is_relative_to(server_environment.bin.parent)
    assert server_environment.run(PROGRAM, "--version").split()[-1] == __version__


def test_the_first_upload_is_served_in_its_own_bytes_and_as_a_variant(running: Running) -> None:
    attributes = {"filename": "first.png", "data": data_uri(picture())}
    status, answer = running.fetch(
        "/v1/uploads", {"data": {"type": "uploads", "attributes": attributes}}
    )
    upload: dict[str, Any] = json.loads(answer)["data"]
    assert (status, upload["attributes"]["media-type"]) == (201, "image/png")
    _, served = running.fetch(upload["attributes"]["url"])
    assert served == picture()
    _, answer = running.fetch(f"/v1/uploads/{upload['id']}/variants")
    for variant in json.loads(answer)["data"]:
        assert running.fetch(variant["attributes"]["url"])[0] == 200


@pytest.mark.parametrize("path", ["/admin/", "/v1/docs", "/v1/openapi.json", "/health/ready"])
def test_pages_that_need_templates_and_data_are_served(running: Running, path: str) -> None:
    status, answer = running.fetch(path)
    assert status == 200
    assert answer


def test_the_database_is_at_the_newest_migration(
    running: Running, server_environment: Environment
) -> None:
    data = running.folder / "instance"
    assert data.is_dir()
    printed = server_environment.run(PROGRAM, "db", "current", UPLOADS_DATA_DIR=str(data))
    assert printed.strip().endswith("(head)")


def test_what_it_needs_is_there_in_versions_that_agree(server_environment: Environment) -> None:
    assert server_environment.pip("check") == "No broken requirements found.\n"


def test_pip_installs_the_same_from_the_sdist(
    tmp_path: Path, server_environment: Environment, server_distributions: Distributions
) -> None:
    of_sdist = Environment(tmp_path)
    of_sdist.install("--no-deps", "--no-compile", server_distributions.sdist)
    assert of_sdist.installed_files(PROGRAM) == server_environment.installed_files(PROGRAM)


CLIENT_PROGRAM = """
import sys
from open_event_uploads_client import UploadsClient
with UploadsClient(sys.argv[1], token=sys.argv[2]) as client:
    print(client.upload("stage.png", alt="The main stage").url)
"""


def test_the_client_sends_a_file_from_an_environment_of_its_own(
    running: Running, client_environment: Environment
) -> None:
    (client_environment.folder / "stage.png").write_bytes(picture())
    printed = client_environment.run("python", "-c", CLIENT_PROGRAM, running.url, running.token)
    assert running.fetch(printed.strip()) == (200, picture())
