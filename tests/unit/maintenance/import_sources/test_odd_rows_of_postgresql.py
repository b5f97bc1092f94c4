"""Rows of PostgreSQL that hold what Python has not."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import column, select, table

from open_event_uploads.maintenance.import_sources.database import ForeignDatabase, read_time
from open_event_uploads.maintenance.import_sources.values import read_json, read_text
from tests.postgres import PostgresServer, database_name

pytestmark = [pytest.mark.slow, pytest.mark.default_stack("it is another system's database")]

_YEARS = ("infinity", "-infinity", "0044-03-15 BC", "20000-01-01")
_IN_2020 = datetime(2020, 1, 2, 3, 4, 5, 120000, UTC)


@pytest.fixture
def foreign(postgres: PostgresServer) -> Iterator[str]:
    """The address of a database that checks no texts, and writes dates as people do in Germany."""
    name = database_name("foreign")
    url = postgres.create(name)
    postgres.drop(name)
    with psycopg.connect(url, dbname="postgres", autocommit=True) as connection:
        named = sql.Identifier(name)
        encoding = "ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"
        connection.execute(sql.SQL(f"CREATE DATABASE {{}} {encoding}").format(named))
        for setting in ("DateStyle = 'German, DMY'", "TimeZone = 'Asia/Kolkata'"):
            connection.execute(sql.SQL(f"ALTER DATABASE {{}} SET {setting}").format(named))
    yield url
    postgres.drop(name)


def values_of(url: str, type_: str, *literals: str) -> list[Any]:
    """Store values in a column of a type, and return them as an import reads them."""
    with psycopg.connect(url) as connection:
        connection.execute(f"CREATE TABLE files (id serial, value {type_})".encode())
        for each in literals:
            connection.execute(f"INSERT INTO files (value) VALUES ({each})".encode())  # noqa: S608
    with ForeignDatabase(url) as database:
        rows = database.walk(select(*table("files", column("id"), column("value")).c))
        return [each.value for each in rows]


@pytest.mark.parametrize("type_", ["date", "timestamp", "timestamptz"])
def test_a_time_beyond_the_calendar_is_none(type_: str, foreign: str) -> None:
    found = values_of(foreign, type_, *(f"'{each}'" for each in _YEARS), "NULL")
    assert [read_time(each) for each in found] == [None] * 5


def test_a_time_is_read_whatever_the_style_and_the_zone_of_the_database(foreign: str) -> None:
    (with_zone,) = values_of(foreign, "timestamptz", "'2020-01-02 08:34:05.12+05:30'")
    assert read_time(with_zone) == _IN_2020


def test_a_time_without_a_zone_is_in_utc(foreign: str) -> None:
    (found,) = values_of(foreign, "timestamp", "'2020-01-02 03:04:05.12'")
    assert read_time(found) == _IN_2020


def test_bytes_that_are_no_text_stand_as_signs_of_replacement(foreign: str) -> None:
    (found,) = values_of(foreign, "varchar(9)", r"E'\xff.png'")
    assert read_text(found) == "\N{REPLACEMENT CHARACTER}.png"


def test_json_is_read_as_on_sqlite(foreign: str) -> None:
    found = values_of(foreign, "json", """'{"a": "\\ud83d"}'""", "'null'", """'{"b": 1}'""")
    assert [read_json(each) for each in found] == [{"a": "\ud83d"}, None, {"b": 1}]
