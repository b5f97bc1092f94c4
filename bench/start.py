"""Measure the time from the start of the process to the first answer."""

import http.client
import time
from pathlib import Path

from bench.result import Result
from bench.servers import product
from bench.stopwatch import Stopwatch
from bench.targets import START

_ADDRESS = "/v1"
_PAUSE_SECONDS = 0.005
_MOST_SECONDS = 60.0


def measure_start(folder: Path, *, rounds: int) -> list[Result]:
    """Start on an empty folder, and again on the prepared one.

    Args:
        folder: empty.
        rounds: number of both.
    """
    first, again = [], []
    for number in range(rounds):
        each = folder / str(number)
        each.mkdir()
        first.append(_seconds(each))
        again.append(_seconds(each))
    return [
        Result(START, "prepared", again, unit="s", at_least=False, seen="a folder with a database"),
        Result(START, "empty", first, unit="s", at_least=False, seen="a folder without"),
    ]


def _seconds(folder: Path) -> float:
    """Return the seconds from the start of the process to the first answer."""
    deadline = time.monotonic() + _MOST_SECONDS
    with Stopwatch() as watch, product(folder) as server:
        while not _answers(server.port):
            server.check_alive()
            if time.monotonic() > deadline:
                raise TimeoutError("the server does not answer")
            time.sleep(_PAUSE_SECONDS)
        return watch.seconds


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_MOST_SECONDS)
    try:
        connection.request("GET", _ADDRESS)
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()
