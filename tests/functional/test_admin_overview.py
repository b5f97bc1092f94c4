"""The overview for admins: what there is, in numbers and charts."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from open_event_uploads.admin import summary as module
from open_event_uploads.admin.charts import HEIGHT, WIDTH, place_bars, place_columns
from open_event_uploads.admin.formatting import format_age, format_size
from open_event_uploads.admin.summary import DAYS, Amount, summarize
from open_event_uploads.cli import cli
from open_event_uploads.context import db
from open_event_uploads.database.types import now
from open_event_uploads.uploads.model import Upload
from tests.admins import admin_in
from tests.documents import upload
from tests.images import picture


def add(app: Flask, *, days: int = 0, size: int = 1000, media_type: str = "image/png") -> None:
    """A row without bytes, of so many days ago."""
    with app.app_context():
        at = now() - timedelta(days=days)
        facts = {"checksum": "", "received_checksum": "", "created_at": at, "updated_at": at}
        key = f"{days}-{size}-{media_type.partition('/')[2]}-{at.timestamp()}"
        row = Upload(key=key, filename="x", media_type=media_type, size=size, **facts)
        db.session.add(row)
        db.session.commit()


def test_an_empty_server_says_what_to_do(app: Flask) -> None:
    page = admin_in(app).get("/admin/").text
    assert "There are no uploads yet" in page
    assert "open-event-uploads sweep" in page


def test_uploads_are_counted_by_day_type_and_user(app: Flask) -> None:
    add(app, size=3000)
    add(app, days=DAYS - 1, size=500)
    add(app, days=DAYS, media_type="image/gif", size=9000)
    made = upload(app.test_client(), picture())["attributes"]
    with app.app_context():
        found = summarize(db.engine)
    assert found.total == Amount(4, 12500 + made["size"])
    assert len(found.days) == DAYS
    assert found.days[0] == (now().date() - timedelta(days=DAYS - 1), Amount(1, 500))
    assert found.days[-1] == (now().date(), Amount(2, 3000 + made["size"]))
    assert sum(each.uploads for _, each in found.days) == 3
    assert [name for name, _ in found.types] == ["image/gif", "image/png"]
    assert [(each.name, each.size) for each in found.owners] == [("Tests", made["size"])]
    assert found.without_alt == 4
    assert found.is_whole


def test_what_is_not_finished_is_counted(app: Flask) -> None:
    admin = admin_in(app)
    assert admin.begin_file(5_000_000, filename="half.jpg").status_code == 201
    with app.app_context():
        assert summarize(db.engine).unfinished == Amount(1, 5_000_000)
    assert "<strong>1</strong>Unfinished uploads; they reserve 5.0 MB" in admin.get("/admin/").text


def test_of_very_many_the_newest_are_looked_at(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NEWEST", 2)
    for days in range(3):
        add(app, days=days)
    with app.app_context():
        found = summarize(db.engine)
    assert found.total.uploads == 3
    assert sum(each.uploads for _, each in found.days) == 2
    assert not found.is_whole


def test_the_sweepers_last_run_is_known(app: Flask) -> None:
    admin = admin_in(app)
    runner = app.test_cli_runner()
    assert runner.invoke(cli, ["sweep", "--dry-run"]).exit_code == 0
    assert "Not yet" in admin.get("/admin/").text
    assert runner.invoke(cli, ["sweep"]).exit_code == 0
    assert "0 leftovers removed" in admin.get("/admin/").text


def test_charts_are_drawn_without_a_script_and_lead_to_what_they_count(app: Flask) -> None:
    admin = admin_in(app)
    upload(app.test_client(), picture("GIF"))
    page = admin.get("/admin/").text
    assert page.count("<svg") == 4
    assert 'href="/admin/uploads/?type=image/gif"' in page
    assert len(re.findall(r"<title>\d{4}-\d\d-\d\d: 1 upload</title>", page)) == 1


def test_marks_stay_in_their_chart_and_nothing_that_is_there_is_invisible() -> None:
    marks = place_columns([("a", 0, ""), ("b", 1, ""), ("c", 10**9, "")])
    assert [each.height for each in marks] == [0, 2, HEIGHT]
    assert all(each.x >= 0 and each.x + each.width <= WIDTH for each in marks)
    assert all(each.y + each.height == HEIGHT for each in marks)
    assert [each.width for each in place_bars([("a", 10, "", ""), ("b", 5, "", "")])] == [
        WIDTH,
        WIDTH / 2,
    ]
    assert place_columns([]) == place_bars([]) == []
    assert place_columns([("a", 0, "")])[0].height == 0


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (1250, "1.3 kB"),
        (9_949, "9.9 kB"),
        (9_950, "10 kB"),
        (12_345, "12 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (26_214_400, "26 MB"),
        (10**15, "1000 TB"),
    ],
)
def test_sizes_are_said_in_units_of_people(app: Flask, size: int, said: str) -> None:
    with app.test_request_context("/admin/"):
        assert format_size(size) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (7200, "2 hours ago"),
        (86_400 * 3, "3 days ago"),
        (86_400 * 400, "1 year ago"),
    ],
)
def test_ages_are_said_in_units_of_people(app: Flask, seconds: int, said: str) -> None:
    with app.test_request_context("/admin/"):
        assert format_age(now() - timedelta(seconds=seconds)) == said
