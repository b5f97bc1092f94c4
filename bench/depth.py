"""Measure lists by cursor: the first and a deep page, of few and of many rows."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.api_client import ApiClient
from bench.images import make_jpeg
from bench.in_process import silence
from bench.many_rows import multiply
from bench.result import Result
from bench.servers import product
from bench.stopwatch import Stopwatch
from bench.targets import DEPTH
from bench.workload import UploadWorkload
from open_event_uploads.app import create_app
from open_event_uploads.jsonapi.codec import MEDIA_TYPE
from open_event_uploads.jsonapi.cursor import item_cursors
from open_event_uploads.jsonapi.negotiation import CURSOR_PAGINATION
from open_event_uploads.jsonapi.sort_key import SortKey
from open_event_uploads.settings import load_settings
from open_event_uploads.uploads.model import Upload

_DEEP_PAGE = 10_000
_TURNS = 100
_HEADERS = {"Accept": f'{MEDIA_TYPE}; profile="{CURSOR_PAGINATION}"'}
_NEWEST = (SortKey("created_at", descending=True),)
_BEFORE = "SELECT id, created_at FROM uploads ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET ?"


@dataclass(frozen=True, slots=True)
class _Page:
    name: str
    client: ApiClient
    address: str

    def fetch(self) -> float:
        with Stopwatch() as watch:
            self.client.get(self.address, _HEADERS)
        return watch.seconds


def measure_depth(folder: Path, *, few: int, many: int, rounds: int) -> list[Result]:
    """Fetch all pages in alternation; the figure of a round is the slowest / the fastest.

    Args:
        folder: empty.
        few: rows of one server, whose last page is fetched.
        many: rows of the other, at least 10,000 pages of them.
        rounds: of 100 turns each.
    """
    size = min(20, many // _DEEP_PAGE)
    spreads, medians = [], []
    with ExitStack() as stack:
        pages = [
            page
            for count in (few, many)
            for page in stack.enter_context(_pages(folder / str(count), count, size))
        ]
        for _ in range(rounds + 1):
            taken = [[page.fetch() for page in pages] for _ in range(_TURNS)]
            medians.append([median(each) for each in zip(*taken, strict=True)])
            spreads.append(max(medians[-1]) / min(medians[-1]))
    times = [median(each) for each in zip(*medians[1:], strict=True)]
    details = {
        page.name: {"p50_ms": round(1000 * each, 2)}
        for page, each in zip(pages, times, strict=True)
    }
    seen = " / ".join(f"{1000 * each:.1f}" for each in times) + " ms"
    return [Result(DEPTH, "each other", spreads[1:], at_least=False, seen=seen, details=details)]


@contextmanager
def _pages(folder: Path, count: int, size: int) -> Iterator[list[_Page]]:
    """Run a server with this many rows, and yield its first and a deep page."""
    folder.mkdir()
    with product(folder) as server:
        workload = UploadWorkload(server)
        workload.wait()
        ApiClient(server).upload(make_jpeg(64, 48, 2_000))
        token = server.token()
    database = folder / "data/uploads.db"
    multiply(database, count - 1)
    number = min(_DEEP_PAGE, count // size)
    listed = f"/v1/uploads?page%5Bsize%5D={size}"
    with silence(), create_app(load_settings(data_dir=folder / "data")).app_context():
        # With the same settings and so the same secret.
        after = _cursor(database, (number - 1) * size - 1)
    with product(folder) as server:
        known = replace(server, made_token=token)
        UploadWorkload(known).wait()
        client = ApiClient(known)
        yield [
            _Page(f"{count:,} rows, page 1", client, listed),
            _Page(f"{count:,} rows, page {number:,}", client, f"{listed}&page%5Bafter%5D={after}"),
        ]


def _cursor(database: Path, before: int) -> str:
    """Return the cursor after this many rows and one."""
    with closing(sqlite3.connect(database)) as connection:
        id_, moment = connection.execute(_BEFORE, (before,)).fetchone()
    created_at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    return item_cursors([Upload(id=id_, created_at=created_at)], _NEWEST)[0]
