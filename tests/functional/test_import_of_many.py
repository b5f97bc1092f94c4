"""`manage.py import` of ten thousand records: memory stays flat."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, column, create_engine, select, table, text

from open_event_uploads.maintenance.import_sources.database import ForeignDatabase
from open_event_uploads.maintenance.import_sources.source import ForeignFile
from tests.functional.test_import_owners import Run, foreign

RECORDS = 10_000
FILES: Select[*tuple[Any, ...]] = select(column("id"), column("name")).select_from(table("files"))


@pytest.fixture
def run(app: Flask) -> Iterator[Run]:
    with app.app_context():
        yield Run(app)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_records(run: Run) -> None:
    names = [foreign(str(n)) for n in range(3)]
    sizes = list[int]()

    def records() -> Iterator[ForeignFile]:
        for number in range(RECORDS):
            if number in {RECORDS // 5, RECORDS - 1}:
                sizes.append(tracemalloc.get_traced_memory()[0])
            yield names[number % 3]

    tracemalloc.start()
    try:
        counts = {"done": 0, "there": 0, "refused": 0}
        for each in run.imported(records()):
            counts[each.outcome] += 1
    finally:
        tracemalloc.stop()
    assert counts == {"done": 3, "there": RECORDS - 3, "refused": 0}
    assert sizes[1] - sizes[0] < 200_000


def test_rows_are_read_in_pages_and_none_twice(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/many.db"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE files (id INTEGER PRIMARY KEY, name TEXT)"))
        rows = [{"id": 7 * n} for n in range(1201)]
        connection.execute(text("INSERT INTO files VALUES (:id, 'x')"), rows)
    engine.dispose()
    with ForeignDatabase(url) as database:
        found = [row.id for row in database.walk(FILES)]
    assert found == [each["id"] for each in rows]
