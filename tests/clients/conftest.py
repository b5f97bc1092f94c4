"""Run real clients against the real server process; `package-lock.json` has those in JavaScript."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.documents import data_uri
from tests.images import picture
from tests.machine import node_with_packages
from tests.server import Server

HERE = Path(__file__).parent

PICTURE = picture(size=(1600, 1200))
PAGE = b"<!doctype html><title>Not a picture</title>"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for each module, empty at first."""
    running = Server(tmp_path_factory.mktemp("server"))
    yield running
    running.stop()


class Steps:
    """The output of a scenario: the result of each step, or why it failed."""

    def __init__(self, finished: subprocess.CompletedProcess[str]) -> None:
        lines = [json.loads(line) for line in finished.stdout.splitlines()]
        self._by_name = {line.pop("step"): line for line in lines}
        self._stderr = finished.stderr

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - JSON
        printed = self._by_name.get(name, {"failure": self._stderr})
        if "failure" in printed:
            pytest.fail(f"{name}: {printed['failure']}")
        return printed["result"]


Play = Callable[..., Steps]


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node, once the clients are installed."""
    return node_with_packages(HERE)


@pytest.fixture(scope="module")
def play(node: str, server: Server) -> Play:
    """Plays a scenario of this folder against the module's server, with more input if need be."""
    scenario = {
        "host": server.url,
        "token": server.token,
        "picture": data_uri(PICTURE),
        "page": data_uri(PAGE, "image/gif"),
    }

    def play(script: str, *options: str, **more: str) -> Steps:
        return Steps(
            subprocess.run(  # noqa: S603 - our own script
                [node, *options, script, json.dumps(scenario | more)],
                cwd=HERE,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        )

    return play
