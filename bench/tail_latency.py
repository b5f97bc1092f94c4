"""Measure p99 / p50 of uploads, on SQLite and PostgreSQL in alternation."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg
import pytest

from bench.compare import Starter, compare
from bench.measure import Figures
from bench.result import Result
from bench.servers import product
from bench.targets import TAIL
from bench.throughput import details_of
from tests.postgres import PostgresServer

_SECRET = "nobody-signs-in-here-but-the-load-itself"  # noqa: S105 - of a server that ends soon
_ROW = "upload, 20 KB"


def measure_tail_latency(folder: Path, *, rounds: int, seconds: float) -> list[Result]:
    """Load both servers in alternation; without PostgreSQL, only SQLite.

    Args:
        folder: empty; on the disk to be measured.
        rounds: windows for each.
        seconds: length of a window, long enough for some hundred uploads.
    """
    starters: dict[str, Starter] = {"SQLite": product}
    versions = {"SQLite": sqlite3.sqlite_version}
    with _postgres() as url:
        if url:
            settings = {"database_url": url, "secret_key": _SECRET}
            starters["PostgreSQL"] = partial(product, settings=settings)
            versions["PostgreSQL"] = _version(url)
        (row,) = compare(folder, starters, [_ROW], rounds=rounds, seconds=seconds)
    return [_result(name, figures, versions[name]) for name, figures in row.figures.items()]


def _result(name: str, figures: Figures, version: str) -> Result:
    found = details_of(figures)
    seen = f"{found['p99_ms']:.0f} / {found['p50_ms']:.0f} ms, version {version}"
    details = {"product": found}
    return Result(TAIL, name, figures.tails, at_least=False, seen=seen, details=details)


def _version(url: str) -> str:
    with psycopg.connect(url) as connection:
        return (connection.info.parameter_status("server_version") or "").partition(" ")[0]


@contextmanager
def _postgres() -> Iterator[str]:
    """Yield the address of an empty database that flushes; empty if PostgreSQL is missing."""
    try:
        server = PostgresServer(durable=True)
    except pytest.skip.Exception as reason:
        print(f"not measured on PostgreSQL: {reason}", file=sys.stderr)
        yield ""
        return
    try:
        yield server.create("bench")
    finally:
        server.remove()
