"""The process that fetches: it knows no secrets, and may hang or die."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from open_event_uploads.errors import UnreadableFile
from open_event_uploads.maintenance.fetch.download import FetchLimits
from open_event_uploads.maintenance.fetch.fetcher import Fetcher
from open_event_uploads.maintenance.fetch.networks import Permissions, read_network
from tests.scripted_server import ScriptedServer, ok

CONTENT = os.urandom(3_000_000)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    found = ScriptedServer([ok(CONTENT)])
    yield found
    found.stop()


@pytest.fixture
def fetcher(server: ScriptedServer) -> Iterator[Fetcher]:
    permissions = Permissions((read_network("127.0.0.1"),), (server.port,))
    limits = FetchLimits(max_bytes=3_000_000, total_seconds=4, permissions=permissions)
    with Fetcher(limits, grace_seconds=1) as found:
        yield found


def test_files_come_through_one_process(server: ScriptedServer, fetcher: Fetcher) -> None:
    url = f"http://127.0.0.1:{server.port}/"
    assert fetcher.fetch(url).read() == CONTENT
    pid = fetcher.pid
    with pytest.raises(UnreadableFile, match=r"127\.0\.0\.2 is not on the public Internet"):
        fetcher.fetch("http://127.0.0.2/")
    assert fetcher.fetch(url).read() == CONTENT
    assert fetcher.pid == pid


def test_a_process_that_hangs_or_dies_is_replaced(server: ScriptedServer, fetcher: Fetcher) -> None:
    url = f"http://127.0.0.1:{server.port}/"
    for number, reason in ((signal.SIGSTOP, "too long"), (signal.SIGKILL, "process ended")):
        fetcher.fetch(url)
        pid = fetcher.pid
        assert pid is not None
        os.kill(pid, number)
        with pytest.raises(UnreadableFile, match=reason):
            fetcher.fetch(url)
        assert fetcher.pid is None
        assert not Path(f"/proc/{pid}").exists()
    assert fetcher.fetch(url).read() == CONTENT


def test_it_has_no_secret_and_no_file_of_ours(
    server: ScriptedServer,
    fetcher: Fetcher,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("UPLOADS_SECRET_KEY", "a secret of ours")
    monkeypatch.setenv("UPLOADS_DATABASE_URL", "postgresql://a:secret@b/c")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org")
    with (tmp_path / "secret").open("wb") as file:
        os.set_inheritable(file.fileno(), True)  # noqa: FBT003 - positional alone
        fetcher.fetch(f"http://127.0.0.1:{server.port}/")
        process = Path(f"/proc/{fetcher.pid}")
        variables = {
            each.partition(b"=")[0] for each in (process / "environ").read_bytes().split(b"\0")
        }
        opened = {str(each.readlink()) for each in (process / "fd").iterdir()}
    assert variables <= {
        b"",
        b"PATH",
        b"PYTHONPATH",
        b"PYTHONHOME",
        b"LD_LIBRARY_PATH",
        b"SSL_CERT_FILE",
        b"SSL_CERT_DIR",
        b"LC_CTYPE",
    }
    assert str(tmp_path / "secret") not in opened
    limits = (process / "limits").read_text()
    assert [
        line.split()[3:5] for line in limits.splitlines() if line.startswith("Max file size")
    ] == [["0", "0"]]
