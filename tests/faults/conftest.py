"""Start a server for tests that mistreat it."""

from collections.abc import Iterator

import pytest

from tests.server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server on SQLite and a folder, with small limits, for all tests of a file."""
    running = Server(tmp_path_factory.mktemp("server"), max_bytes="4MiB", rate_limits="off")
    yield running
    running.stop()
