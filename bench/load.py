"""Send many requests at once, from one thread with raw sockets and prepared bytes.

Each connection is kept alive for a while, and sends its next request when the last answer is
complete. `answer` checks the status and the length; `workload` checked the content once.
"""

import selectors
import socket
import time
from dataclasses import dataclass, field

from bench.answer import Answer, WrongAnswer

CONNECTIONS = 8
_CHUNK_BYTES = 1024 * 1024
# The kernel distributes connections to the workers by chance (7 to 1 was seen); renewing them gives
# each worker its share.
_REQUESTS_A_CONNECTION = 20
_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Job:
    """A load for one server.

    Args:
        port: on the loopback address.
        request: head and body.
        status: that every answer must have.
        body_bytes: that every answer must have; None for any length.
        seconds: during which new requests begin.
    """

    port: int
    request: bytes
    status: int
    body_bytes: int | None
    seconds: float


@dataclass(slots=True)
class Outcome:
    """The result of a load.

    Args:
        seconds: from the first request to the last answer.
        latencies: seconds from the first byte sent to the last received, one a request.
        processor_seconds: of all the server's processes, which `measure` reads.
    """

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    processor_seconds: float = 0.0


class _Connection:
    def __init__(self, job: Job, selector: selectors.BaseSelector) -> None:
        self._job = job
        self._selector = selector
        self._sent = 0
        self._open()

    def begin(self) -> None:
        """Send the next request, or as much of it as the kernel takes."""
        if self._sent and self._sent % _REQUESTS_A_CONNECTION == 0:
            self.close()
            self._open()
        self._sent += 1
        self._answer = Answer(self._job.status, self._job.body_bytes)
        self._rest = memoryview(self._job.request)
        self._begun = time.perf_counter()
        self.send()

    def send(self) -> None:
        try:
            while self._rest:
                self._rest = self._rest[self._socket.send(self._rest) :]
        except BlockingIOError:
            pass
        self._watch(selectors.EVENT_WRITE if self._rest else selectors.EVENT_READ)

    def receive(self) -> float | None:
        """Read what has arrived; return the latency in seconds once the answer is complete."""
        chunk = self._socket.recv(_CHUNK_BYTES)
        if not chunk:
            raise WrongAnswer("the server closed a connection")
        return time.perf_counter() - self._begun if self._answer.take(chunk) else None

    def _open(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._job.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(0)  # never wait: the selector does
        self._events = selectors.EVENT_READ
        self._selector.register(self._socket, self._events, self)

    def close(self) -> None:
        self._selector.unregister(self._socket)
        self._socket.close()

    def _watch(self, events: int) -> None:
        if events != self._events:
            self._events = events
            self._selector.modify(self._socket, events, self)


def run(job: Job) -> Outcome:
    """Keep a server busy for a while.

    Raises:
        WrongAnswer: an answer has another status or length.
        TimeoutError: the server does not answer.
    """
    with selectors.DefaultSelector() as selector:
        connections = {_Connection(job, selector) for _ in range(CONNECTIONS)}
        try:
            return _load(job, selector, connections)
        finally:
            for each in connections:
                each.close()


def _load(job: Job, selector: selectors.BaseSelector, connections: set[_Connection]) -> Outcome:
    outcome = Outcome()
    started = time.perf_counter()
    for each in connections:
        each.begin()
    while connections:
        ready = selector.select(_TIMEOUT_SECONDS)
        if not ready:
            raise TimeoutError("no answer")
        for key, events in ready:
            connection: _Connection = key.data
            if events & selectors.EVENT_WRITE:
                connection.send()
            elif (latency := connection.receive()) is not None:
                outcome.latencies.append(latency)
                outcome.seconds = time.perf_counter() - started
                if outcome.seconds < job.seconds:
                    connection.begin()
                else:
                    connection.close()
                    connections.remove(connection)
    return outcome
