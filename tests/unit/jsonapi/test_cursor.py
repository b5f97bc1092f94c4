"""Cursors hold what they were given, and nobody else can make one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from open_event_uploads.errors import InvalidParameter
from open_event_uploads.jsonapi.cursor import decode_cursor, encode_cursor
from open_event_uploads.jsonapi.sort_key import SortKey

SORTING = (SortKey("filename", descending=False), SortKey("created_at", descending=True))

in_one_application = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass
class Item:
    id: str
    filename: str
    created_at: datetime


@pytest.fixture(autouse=True)
def application() -> Iterator[None]:
    app = Flask(__name__)
    app.config.update(SECRET_KEY="k" * 40, SECRET_KEY_FALLBACKS=[])
    with app.app_context():
        yield


@in_one_application
@given(st.text(max_size=120), st.datetimes(timezones=st.just(UTC)))
def test_what_goes_in_comes_out(filename: str, created_at: datetime) -> None:
    text = encode_cursor(Item("id", filename, created_at), SORTING)
    assert decode_cursor(text, SORTING, "page[after]").values == (filename, created_at, "id")


@in_one_application
@given(st.text(max_size=200))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        decode_cursor(text, SORTING, "page[after]")
    assert caught.value.parameter == "page[after]"


@in_one_application
@given(st.integers(0, 10_000), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_changed_cursor_is_refused(place: int, character: str) -> None:
    text = encode_cursor(Item("id", "a.png", datetime(2026, 1, 1, tzinfo=UTC)), SORTING)
    place %= len(text) - 1  # the last character of base64 may have bits that mean nothing
    changed = text[:place] + character + text[place + 1 :]
    # Either alphabet of base64 spells a signature.
    if changed.translate({ord("/"): "_", ord("+"): "-"}) != text:
        with pytest.raises(InvalidParameter):
            decode_cursor(changed, SORTING, "page[after]")


def test_the_order_is_part_of_a_cursor() -> None:
    text = encode_cursor(Item("id", "a.png", datetime(2026, 1, 1, tzinfo=UTC)), SORTING)
    with pytest.raises(InvalidParameter):
        decode_cursor(text, SORTING[::-1], "page[after]")
