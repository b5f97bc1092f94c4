"""Measure what leases cost among many uploads: `python -m bench.leases --rows 1000000`.

The application is called in this process and from one thread. One upload in fifty has a lease, and
half of those leases have ended. The rows have no bytes, so only the database is measured.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, insert, select

from bench.pages import row
from open_event_uploads.admin.summary import summarize
from open_event_uploads.app import create_app
from open_event_uploads.context import current_storage, db
from open_event_uploads.database.types import now
from open_event_uploads.maintenance.backfill import count_incomplete
from open_event_uploads.maintenance.remove_expired import count_expired, remove_expired
from open_event_uploads.settings import load_settings
from open_event_uploads.uploads.model import Upload, is_kept

_ROUNDS = 5
_BATCH = 10_000
_LEASED, _OVER = 50, 100


def main() -> None:
    """Print the median time of each query, and the time of a sweep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    rows: int = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder, _filled(Path(folder), rows):
        print(f"{rows} rows, median of {_ROUNDS}: ms\n")
        print("| | every row | kept only |\n|---|---:|---:|")
        for name, query in _queries().items():
            cells = (_measure(partial(query, each)) for each in (False, True))
            print(f"| {name} | {' | '.join(cells)} |")
        print(f"| overview | | {_measure(lambda: summarize(db.engine))} |")
        print(f"| sweep: count | | {_measure(lambda: count_expired(engine=db.engine))} |")
        print(f"| backfill: count | | {_measure(lambda: count_incomplete(engine=db.engine))} |")
        _sweep()


def _sweep() -> None:
    before, start = _peak(), time.perf_counter()
    found = remove_expired(engine=db.engine, storage=current_storage())
    seconds = time.perf_counter() - start
    print(f"\nsweep: {found.uploads} expired uploads in {seconds:.1f} s, ", end="")
    print(f"peak memory {before:.0f} to {_peak():.0f} MiB")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def _filled(folder: Path, rows: int) -> Iterator[Flask]:
    app = create_app(load_settings(data_dir=folder))
    with app.app_context():
        upgrade()
        for first in range(0, rows, _BATCH):
            batch = range(first, min(first + _BATCH, rows))
            with db.engine.begin() as connection:
                connection.execute(insert(Upload), [_row(number) for number in batch])
        yield app
        db.session.remove()
        db.engine.dispose()


def _row(number: int) -> dict[str, Any]:
    hours = 1 if number % _OVER else -1
    expires_at = None if number % _LEASED else now() + timedelta(hours=hours)
    return {**row(number), "placeholder": "x", "expires_at": expires_at}


def _queries() -> dict[str, Callable[[bool], Any]]:
    newest = (Upload.created_at.desc(), Upload.id.desc())

    def where(kept: bool) -> list[Any]:  # noqa: FBT001 - a column of the table
        return [is_kept()] if kept else []

    return {
        "page of 20": lambda kept: db.session.scalars(
            select(Upload).where(*where(kept)).order_by(*newest).limit(20)
        ).all(),
        "count": lambda kept: db.session.scalar(
            select(func.count()).select_from(Upload).where(*where(kept))
        ),
        "count of one type": lambda kept: db.session.scalar(
            select(func.count())
            .select_from(Upload)
            .where(Upload.media_type == "image/png", *where(kept))
        ),
        "sum of sizes": lambda kept: db.session.scalar(
            select(func.sum(Upload.size)).where(*where(kept))
        ),
    }


def _measure(action: Callable[[], Any]) -> str:
    taken = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
        db.session.remove()
    return f"{1000 * median(taken):.1f}"


if __name__ == "__main__":
    main()
