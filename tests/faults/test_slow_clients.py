"""Two hundred clients that hardly move, beside others that are served at once."""

import asyncio
import json
import time
from http.client import HTTPConnection

import pytest

from tests.documents import data_uri, document
from tests.faults.wire import head_of
from tests.images import noise, picture
from tests.server import Server

pytestmark = [pytest.mark.server, pytest.mark.default_stack("says nothing about either engine")]

SLOW, SILENT, LISTENING, CONNECTED = 80, 40, 40, 40
# A client has 20 seconds for a body, and no more than that for silence.
SECONDS = 26.0


class Crowd:
    """Clients of four kinds: they send a byte a second, stop within a body, take nothing of an
    answer, or connect and say nothing.

    Args:
        server: to be kept busy.
        path: of a file too long for what a connection holds.
    """

    def __init__(self, server: Server, path: str) -> None:
        self._server = server
        self._path = path
        self.statuses: list[int] = []

    async def run(self) -> None:
        slow = [self._sends(pause=1.0) for _ in range(SLOW)]
        silent = [self._sends(pause=SECONDS) for _ in range(SILENT)]
        listening = [self._takes_nothing() for _ in range(LISTENING)]
        connected = [self._says_nothing() for _ in range(CONNECTED)]
        await asyncio.gather(*slow, *silent, *listening, *connected)

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, _, port = self._server.address.partition(":")
        return await asyncio.open_connection(host, int(port), limit=4096)

    async def _sends(self, pause: float) -> None:
        reader, writer = await self._open()
        fields = ("Content-Type: image/png", "Content-Length: 1000000")
        writer.write(head_of(self._server, "POST /v1/uploads", *fields))
        answer = asyncio.ensure_future(reader.readline())
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and not answer.done():
            writer.write(b"x")
            await asyncio.wait([answer], timeout=min(pause, until - time.monotonic()))
        self.statuses.append(int(answer.result().split()[1]) if answer.done() else 0)
        answer.cancel()
        writer.close()

    async def _takes_nothing(self) -> None:
        _, writer = await self._open()
        writer.write(head_of(self._server, f"GET {self._path}"))
        await asyncio.sleep(SECONDS)
        writer.close()

    async def _says_nothing(self) -> None:
        _, writer = await self._open()
        await asyncio.sleep(SECONDS)
        writer.close()


def test_others_are_served_in_under_a_second_and_the_slow_are_sent_away(
    server: Server,
) -> None:
    large = noise((1600, 1600), quality=95)
    status, body = server.request("POST", "/v1/uploads", large, "image/jpeg")
    assert status == 201, body
    crowd = Crowd(server, json.loads(body)["data"]["attributes"]["url"].partition(server.url)[2])
    times: list[float] = []

    async def others() -> None:
        until = time.monotonic() + SECONDS - 2
        while time.monotonic() < until:
            times.append(await asyncio.to_thread(_upload_and_list, server))

    async def both() -> None:
        await asyncio.gather(crowd.run(), others())

    asyncio.run(both())
    assert max(times) < 1, sorted(times)[-5:]
    assert len(times) > 50
    assert crowd.statuses == [408] * (SLOW + SILENT)


def _upload_and_list(server: Server) -> float:
    started = time.monotonic()
    sent = document({"data": data_uri(picture())})
    connection = HTTPConnection(server.address, timeout=30)
    headers = {"Authorization": f"Bearer {server.token}"}
    json_api = {"Content-Type": "application/vnd.api+json"}
    connection.request("POST", "/v1/uploads", json.dumps(sent), {**headers, **json_api})
    response = connection.getresponse()
    assert response.status == 201, response.read()
    response.read()
    connection.request("GET", "/v1/uploads", headers=headers)
    response = connection.getresponse()
    assert response.status == 200
    response.read()
    connection.close()
    return time.monotonic() - started
