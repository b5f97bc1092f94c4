"""Measure resumable uploads against raw ones of the same file: speed, and memory by length."""

from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.api_client import PICTURE, ApiClient
from bench.large import SETTINGS
from bench.result import Result
from bench.servers import product
from bench.stopwatch import Stopwatch
from bench.targets import RESUMABLE
from bench.tus_client import TusClient
from bench.workload import UploadWorkload

_MB = 1_000_000
# In a round, one after the other.
_SMALL_FILES = 200
_Send = Callable[[], str]


def measure_resumable(folder: Path, *, rounds: int, size: int) -> list[Result]:
    """Send a file in 1 MiB a request, as one raw body, and in one PATCH, in alternation.

    Args:
        folder: empty; on the disk to be measured.
        rounds: how often.
        size: of the file, in bytes.
    """
    with product(folder, settings=SETTINGS) as server:
        UploadWorkload(server).wait()
        client = ApiClient(server)
        tus = TusClient(client)
        large: dict[str, _Send] = {
            "product": lambda: tus.send(size),
            "raw upload": lambda: client.send(size),
            "one PATCH": lambda: tus.send_at_once(size),
        }
        small: dict[str, _Send] = {
            "product": lambda: tus.send_with_creation(PICTURE),
            "raw upload": lambda: client.send(len(PICTURE)),
        }
        speeds = _speeds(large, client, rounds=rounds, times=1)
        rates = _speeds(small, client, rounds=rounds, times=_SMALL_FILES)
    speeds = {name: [each * size / _MB for each in found] for name, found in speeds.items()}
    return [
        *(_result(speeds, each, "", "MB/s") for each in ("raw upload", "one PATCH")),
        _result(rates, "raw upload", ", both of 20 KB in one request", "a second"),
    ]


def _speeds(
    actions: dict[str, _Send], client: ApiClient, *, rounds: int, times: int
) -> dict[str, list[float]]:
    """Return files a second by action, a value for each round; the first one warms up."""
    found: dict[str, list[float]] = {name: [] for name in actions}
    for number in range(rounds + 1):
        for name, send in actions.items():
            with Stopwatch() as watch:
                paths = [send() for _ in range(times)]
            if number:
                found[name].append(times / watch.seconds)
            for path in paths:
                client.request("DELETE", path, None, {}, 204)
    return found


def _result(speeds: dict[str, list[float]], reference: str, what: str, unit: str) -> Result:
    pairs = zip(speeds["product"], speeds[reference], strict=True)
    values = [round(median(speeds[name])) for name in ("product", reference)]
    key = "mb_per_second" if unit == "MB/s" else "per_second"
    return Result(
        RESUMABLE,
        f"{reference}{what}",
        [ours / theirs for ours, theirs in pairs],
        seen=" / ".join(f"{each:,}" for each in values) + f" {unit}",
        details={
            name: {key: value} for name, value in zip(("product", reference), values, strict=True)
        },
    )
