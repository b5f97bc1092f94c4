"""Decoders that die while the real server is at work."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.documents import COLLECTION
from tests.images import noise
from tests.server import Server

pytestmark = [pytest.mark.server, pytest.mark.default_stack("says nothing about either engine")]


def decoders(server: Server) -> list[int]:
    found = []
    for process in server.processes():
        with suppress(OSError):
            command = Path(f"/proc/{process}/cmdline").read_bytes()
            if b"open_event_uploads.imaging.decoder" in command:
                found.append(process)
    return found


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV], ids=["killed", "crashed"])
def test_a_decoder_that_dies_is_replaced_and_nobody_else_notices(
    server: Server, number: int
) -> None:
    content = noise((900, 900))

    def send(_: int) -> int:
        return server.request("POST", COLLECTION, content, "image/jpeg")[0]

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(send, range(8))) == {201}
        before = decoders(server)
        assert before
        sent = [pool.submit(send, each) for each in range(24)]
        lists = [pool.submit(server.get, COLLECTION) for _ in range(8)]
        for each in before:
            os.kill(each, number)
        # One that dies at work is replaced and its work is done again.
        assert {each.result() for each in sent} == {201}
        assert {each.result()[0] for each in lists} == {200}
        assert set(pool.map(send, range(8))) == {201}
    assert not set(before) & set(decoders(server))
