"""Points in time on the wire."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.jsonapi.fields import read_timestamp, timestamp

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=zones)  # noqa: DTZ001 - hypothesis adds the zone


@given(times)
def test_what_is_written_is_read_back(at: datetime) -> None:
    assert read_timestamp(timestamp(at)) == at


@given(times)
def test_a_zone_is_understood(at: datetime) -> None:
    found = read_timestamp(at.isoformat())
    assert found == at
    assert found
    assert found.tzinfo is UTC


@given(st.text() | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,12}(Z|[+-][0-9:]{5})"))
def test_whatever_else_it_is_it_is_a_time_in_utc_or_none(text: str) -> None:
    found = read_timestamp(text)
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        "2030-01-01T00:00:00",
        "2030-01-01 00:00:00Z",
        "2030-01-01",
        "20300101T000000Z",
        "2030-W01-1T00:00:00Z",
        "2030-01-01T24:00:00Z",
        "2030-01-01T00:00:60Z",
        "2030-01-01T00:00:00.1234567Z",
        "2030-13-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "2030-01-01T00:00:00Z\n",
        "\N{FULLWIDTH DIGIT TWO}030-01-01T00:00:00Z",
        1,
        None,
    ],
)
def test_it_is_no_time(value: object) -> None:
    assert read_timestamp(value) is None
