"""Stand between clients and a server, like a cable that is bad, slow or pulled."""

import asyncio
import random
import socket
import struct
import threading
from asyncio import StreamReader, StreamWriter
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Literal, Self

Way = Literal["to_server", "to_client"]

_CHUNK_BYTES = 64 * 1024
# Closing a socket with this value of SO_LINGER resets the connection (socket(7)).
_RESETS = struct.pack("ii", 1, 0)
# More than an answer of tus has.
_ANSWERED_BYTES = 1500


@dataclass(frozen=True, slots=True)
class Cut:
    """When a connection breaks: as soon as one side was given so many bytes.

    Args:
        to_server: bytes; None for never.
        to_client: bytes; None for never.
        resets: whether it is reset, or ends as if nothing more were to come.
        is_silent: whether only the client's side is, as if its phone had left the network.
        pause_seconds: how long nothing is carried, after which it goes on instead; 0 to break.
    """

    to_server: int | None = None
    to_client: int | None = None
    resets: bool = True
    is_silent: bool = False
    pause_seconds: float = 0.0


def random_cuts(seed: int, longest: int) -> Iterator[Cut]:
    """Yield cuts for ever: all break requests off, if they do not break answers off before.

    Args:
        seed: the same one gives the same cuts.
        longest: bytes that the server is given by one connection at most.
    """
    source = random.Random(seed)  # noqa: S311 - the same cuts each time, no secret
    while True:
        sent, answered = source.randrange(longest), source.randrange(2 * _ANSWERED_BYTES)
        if answered < _ANSWERED_BYTES:
            # Python's http.client takes a head for whole that ends early.
            yield Cut(sent, answered, resets=True)
        else:
            yield Cut(sent, resets=source.random() < 0.5)


class _Broken(Exception):
    """Raised where a connection has carried as much as it may."""


class Cable:
    """A proxy for TCP on a loopback port.

    Args:
        cuts: of the connections, in the order in which they begin; the others never break.

    Attributes:
        url: for clients, and for the server as its `PUBLIC_URL`.
        port: of the server; to be set before the first client comes.
        bytes_a_second: that each connection carries to the server at most; None for any number.
        carried: the bytes that the server was given.
        broken: how many connections were cut, by the way that the last byte went.
    """

    def __init__(self, cuts: Iterable[Cut] = ()) -> None:
        self.port = 0
        self.bytes_a_second: int | None = None
        self.carried = 0
        self.broken: Counter[Way] = Counter()
        self._cuts = chain(cuts, repeat(Cut()))
        self._is_pulled = False
        self._ends: set[StreamWriter] = set()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.pull()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def pull(self) -> None:
        """Break every connection, and each that begins before it is plugged in again."""
        self._is_pulled = True
        self._loop.call_soon_threadsafe(self._break_all)

    def plug(self) -> None:
        """Carry the connections that begin from now on."""
        self._is_pulled = False

    def _run(self) -> None:
        with closing(self._loop):
            accepting = asyncio.start_server(self._connect, sock=self._socket)
            server = self._loop.run_until_complete(accepting)
            self._loop.run_forever()
            server.close()
            self._loop.run_until_complete(self._end())

    def _break_all(self) -> None:
        for each in self._ends:
            _break(each, resets=True)

    async def _end(self) -> None:
        """Wait until every connection is closed; all are broken."""
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            self._break_all()
            await asyncio.wait(others, timeout=1)
        # The loop closes sockets a turn later.
        await asyncio.sleep(0)

    async def _connect(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Carry a connection to its end."""
        cut, ends = next(self._cuts), [writer]
        resets, is_silent = True, False
        self._ends.update(ends)
        try:
            if not self._is_pulled:
                behind, to_server = await asyncio.open_connection("127.0.0.1", self.port)
                ends.append(to_server)
                self._ends.update(ends)
                async with asyncio.TaskGroup() as ways:
                    ways.create_task(self._carry("to_server", cut, reader, to_server))
                    ways.create_task(self._carry("to_client", cut, behind, writer))
                # Both sides have said that nothing more comes.
                resets = False
        except* _Broken:
            resets, is_silent = cut.resets, cut.is_silent
        except* OSError:
            pass
        finally:
            broken = ends[:1] if is_silent else ends
            self._ends.difference_update(broken)
            for each in broken:
                _break(each, resets=resets)

    async def _carry(self, way: Way, cut: Cut, reader: StreamReader, writer: StreamWriter) -> None:
        """Carry the bytes of one way to their end, or to the cut."""
        carried, limit = 0, cut.to_server if way == "to_server" else cut.to_client
        while limit is None or carried < limit:
            left = _CHUNK_BYTES if limit is None else limit - carried
            chunk = await reader.read(min(_CHUNK_BYTES, left))
            if not chunk:
                writer.write_eof()
                return
            writer.write(chunk)
            await writer.drain()
            carried += len(chunk)
            if way == "to_server":
                self.carried += len(chunk)
                if self.bytes_a_second is not None:
                    await asyncio.sleep(len(chunk) / self.bytes_a_second)
        self.broken[way] += 1
        if not cut.pause_seconds:
            raise _Broken
        await asyncio.sleep(cut.pause_seconds)
        await self._carry(way, Cut(), reader, writer)


def _break(end: StreamWriter, *, resets: bool) -> None:
    """Close one end of a connection, without what is still on its way if that is to be reset."""
    if not resets:
        end.close()
        return
    with suppress(OSError):
        end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESETS)
    end.transport.abort()
