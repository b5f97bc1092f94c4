"""Measure a page's time by its depth: `python -m bench.pages`.

The application is called in this process and from one thread, on a table of 100,000 rows. The
pages of one kind alternate, so that a busy moment slows all of them.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from statistics import median
from typing import Any

from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import insert

from bench.in_process import authorization, silence
from open_event_uploads.app import create_app
from open_event_uploads.context import db
from open_event_uploads.database.types import new_ordered_id
from open_event_uploads.jsonapi.cursor import item_cursors
from open_event_uploads.jsonapi.sort_key import SortKey
from open_event_uploads.settings import load_settings
from open_event_uploads.uploads.model import Upload

_ROWS = 100_000
_SIZE = 20
_ROUNDS = 200
_DEPTHS = (0.0, 0.5, 0.99)
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)

_SORTS = {
    "created-at": (SortKey("created_at", descending=False),),
    "-created-at": (SortKey("created_at", descending=True),),
    "-size,filename": (SortKey("size", descending=True), SortKey("filename", descending=False)),
}


def main() -> None:
    """Print the median time of a page at several depths, and its ratio to the first."""
    with tempfile.TemporaryDirectory() as folder, silence(), _filled(Path(folder)) as client:
        print(f"{_ROWS} rows, {_SIZE} on a page, median of {_ROUNDS}: ms (ratio to the first)\n")
        print("| pages | " + " | ".join(f"at {depth:.0%}" for depth in _DEPTHS) + " |")
        print("|---|" + "---:|" * len(_DEPTHS))
        for name, addresses in _pages():
            print(f"| {name} | {' | '.join(_cells(_measure(client, addresses)))} |")


@contextmanager
def _filled(folder: Path) -> Iterator[FlaskClient]:
    app = create_app(load_settings(data_dir=folder))
    with app.app_context():
        upgrade()
        with db.engine.begin() as connection:
            connection.execute(insert(Upload), [row(number) for number in range(_ROWS)])
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = authorization()
        yield client
        db.engine.dispose()


def row(number: int) -> dict[str, Any]:
    """Return the columns of an upload without bytes; a smaller number is older."""
    created_at = _BEGINNING + timedelta(seconds=number)
    return {
        "id": new_ordered_id(),
        "key": f"{number}.png",
        "filename": f"picture {number % 1000}.png",
        "media_type": "image/png",
        "size": number // 10,
        "checksum": f"sha256:{number:064x}",
        "received_checksum": f"sha256:{number:064x}",
        "width": 1,
        "height": 1,
        "frames": 1,
        "created_at": created_at,
        "updated_at": created_at,
    }


def _pages() -> Iterator[tuple[str, list[str]]]:
    """Yield the addresses of pages at each depth."""
    base = f"/v1/uploads?page[size]={_SIZE}"
    numbers = [1 + int(depth * (_ROWS // _SIZE)) for depth in _DEPTHS]
    yield "`page[number]`", [f"{base}&sort=created-at&page[number]={each}" for each in numbers]
    for sort, keys in _SORTS.items():
        cursors = [_cursor(depth, keys) for depth in _DEPTHS]
        yield (
            f"`page[after]`, `sort={sort}`",
            [f"{base}&sort={sort}&page[after]={each}" for each in cursors],
        )


def _cursor(depth: float, keys: tuple[SortKey, ...]) -> str:
    at = depth if not keys[0].descending else 1 - depth
    found = row(min(int(at * _ROWS), _ROWS - 1))
    return item_cursors([Upload(**found)], keys)[0]


def _measure(client: FlaskClient, addresses: list[str]) -> list[float]:
    """Return the median time of each address in milliseconds."""
    seconds: list[list[float]] = [[] for _ in addresses]
    for _ in range(_ROUNDS):
        for address, taken in zip(addresses, seconds, strict=True):
            start = time.perf_counter()
            response = client.get(address, buffered=True)
            taken.append(time.perf_counter() - start)
            assert response.status_code == HTTPStatus.OK, response.text
    return [1000 * median(each) for each in seconds]


def _cells(medians: list[float]) -> list[str]:
    return [f"{each:.1f} ({each / medians[0]:.2f})" for each in medians]


if __name__ == "__main__":
    main()
