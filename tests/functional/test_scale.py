"""Every list is found by an index, whatever is asked: what `python -m bench.scale` measures."""

import re

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, text, update

from bench.scale import main
from bench.scale_jobs import measure_jobs
from bench.scale_plans import check, explain, recorded
from bench.scale_requests import measure_requests
from bench.scale_rows import Rows, fill, upload_id
from open_event_uploads.context import db
from open_event_uploads.database.read import read
from open_event_uploads.database.types import now
from open_event_uploads.uploads.model import Upload, has_bytes

pytestmark = pytest.mark.default_stack("of few rows PostgreSQL reads the table, rightly")


@pytest.fixture
def rows(app: Flask) -> Rows:
    """As many as make more than one page of everything that is rare."""
    found = Rows(1_000, now())
    with app.app_context():
        fill(db.engine, found)
    return found


def test_no_request_reads_a_table_without_an_index(app: Flask, rows: Rows) -> None:
    plans = {name: found for name, _, found in measure_requests(app, rows)}
    assert len(plans) > 20
    assert all(plans.values())
    for name, found in plans.items():
        assert not any(each.reads_all for each in found if not each.counts), name


def test_neither_do_sweep_and_verify(app: Flask, rows: Rows) -> None:
    plans = {name: found for name, _, found in measure_jobs(app, rows)}
    assert not any(each.reads_all for name in ("sweep", "verify") for each in plans[name])


def test_a_question_that_no_index_answers_stops_the_run(app: Flask, rows: Rows) -> None:
    statement = "SELECT id FROM uploads WHERE color = '#000000'"
    with app.app_context():
        assert not db.session.execute(text(statement)).all()
        plans = explain(db.engine, [(statement, ())])
        with pytest.raises(AssertionError, match="SCAN uploads"):
            check(plans, rows=rows.count, engine=db.engine)


def test_the_table_has_a_line_for_everything_that_is_asked() -> None:
    result = CliRunner().invoke(main, ["--rows", "100"])
    assert result.exit_code == 0, result.output
    assert re.search(r"^\| size of the database +\| +\d+ MiB \|$", result.stdout, re.MULTILINE)
    assert re.search(r"^\| read of one +\| +[0-9.]+ ms \|$", result.stdout, re.MULTILINE)
    assert re.search(r"^\| verify +\| +[0-9.]+ s, \d+ MiB \|$", result.stdout, re.MULTILINE)


def test_a_database_with_something_in_it_is_left_alone(app: Flask, rows: Rows) -> None:
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    result = CliRunner().invoke(main, ["--rows", "100", "--database-url", url])
    assert result.exit_code == 1
    assert "the database is not empty" in result.stderr
    with app.app_context(), db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM uploads")) == rows.count


def test_an_upload_is_found_by_the_bytes_that_were_sent_or_are_served(
    app: Flask, rows: Rows
) -> None:
    sent, served = "sha256:" + "1" * 64, rows.row(7)["checksum"]
    with app.app_context(), recorded(db.engine) as statements:
        with db.engine.begin() as connection:
            stripped = update(Upload).where(Upload.id == upload_id(7))
            connection.execute(stripped.values(received_checksum=sent))
        for checksum in (sent, served):
            found = read(db.engine, select(Upload.id).where(has_bytes(checksum)))
            assert (upload_id(7),) in found
    with app.app_context():
        steps = explain(db.engine, statements)[0].steps
    assert "INDEX ix_uploads_checksum " in steps
    assert "INDEX ix_uploads_stripped " in steps
