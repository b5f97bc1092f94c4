"""The image of deploy/Dockerfile: what is in it, and whether its program works confined."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import run_command
from tests.images import picture
from tests.release.conftest import MakeOnce
from tests.release.image import Image, build_image, find_image
from tests.server import Server

pytestmark = [
    pytest.mark.server,
    pytest.mark.slow,
    pytest.mark.default_stack("an image has one default"),
]

PICTURE = picture()


@pytest.fixture(scope="session")
def image(make_once: MakeOnce) -> Image:
    return find_image(make_once("container-image", build_image))


@pytest.fixture(scope="module")
def data(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a new volume is: it has the owner and the mode of the folder in the image."""
    folder = tmp_path_factory.mktemp("volume")
    os.chown(folder, image.owner_of_data(), image.owner_of_data())
    folder.chmod((image.root / "data").stat().st_mode & 0o7777)
    return folder


@pytest.fixture(scope="module")
def running(image: Image, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("container"), program=image.program(data))
    yield server
    server.stop()


def test_it_runs_as_a_user_with_a_number_and_no_shell(image: Image) -> None:
    user, group = map(int, image.described["User"].split(":"))
    assert 0 not in {user, group}
    passwd = (image.root / "etc/passwd").read_text()
    assert f"x:{user}:{group}::/data:/usr/sbin/nologin\n" in passwd


def test_it_serves_its_volume_to_every_address(image: Image) -> None:
    assert image.described["Cmd"] == ["serve", "--host", "0.0.0.0"]  # noqa: S104 - compared
    assert list(image.described["Volumes"]) == ["/data"]
    assert list(image.described["ExposedPorts"]) == ["8000/tcp"]


def test_it_holds_no_compiler_no_sources_and_no_installer(image: Image) -> None:
    programs = {
        each.name
        for folder in ("usr/bin", "opt/open-event-uploads/bin")
        for each in (image.root / folder).iterdir()
    }
    assert not programs & {"gcc", "cc", "g++", "rustc", "cargo", "make", "pip", "git"}
    assert not (image.root / "source").exists()


def test_a_picture_is_uploaded_and_read_on_a_read_only_root_file_system(running: Server) -> None:
    attributes = running.upload(PICTURE)
    status, content = running.get(attributes["url"])
    assert (status, len(content)) == (200, attributes["size"])


def test_every_command_of_an_operator_runs_in_it(running: Server, image: Image, data: Path) -> None:
    assert running.get("/health/ready")[0] == 200
    for command in (["verify"], ["sweep"], ["db", "current"], ["users", "list"]):
        run_command(*image.program(data), *command)


def test_the_health_check_passes_while_it_serves_and_fails_where_nobody_does(
    running: Server, image: Image, data: Path
) -> None:
    kind, *command = image.described["Healthcheck"]["Test"]
    assert kind == "CMD"
    address = f":{running.port}/"
    assert _status(image, data, [each.replace(":8000/", address) for each in command]) == 0
    assert _status(image, data, [each.replace(":8000/", ":9/") for each in command]) == 1


def _status(image: Image, data: Path, command: list[str]) -> int:
    return subprocess.run(  # noqa: S603 - of the image
        image.program(data, *command), capture_output=True, check=False
    ).returncode
