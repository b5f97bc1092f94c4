"""A query string that came before is not read again; little is kept of what clients say."""

from collections.abc import Iterator

import pytest
from flask import Flask

from open_event_uploads.errors import InvalidParameter
from open_event_uploads.jsonapi.negotiation import CURSOR_PAGINATION, negotiate
from open_event_uploads.jsonapi.page import PageLimits
from open_event_uploads.jsonapi.query import Query
from open_event_uploads.jsonapi.read_query import CACHE, read_collection_query
from open_event_uploads.uploads.schema import UploadSchema
from tests.documents import JSON_API

LIMITS = PageLimits(20, 100)


@pytest.fixture(autouse=True)
def _known_by_nobody() -> Iterator[None]:
    CACHE.clear()
    yield
    CACHE.clear()


def read(app: Flask, text: str, limits: PageLimits = LIMITS, *profiles: str) -> Query:
    accept = f'{JSON_API};profile="{" ".join(profiles)}"'
    with app.test_request_context(f"/v1/uploads?{text}", headers={"Accept": accept}):
        negotiate(frozenset(), reads=False)
        return read_collection_query(UploadSchema, limits)


def test_the_same_question_is_read_once(app: Flask) -> None:
    assert read(app, "sort=size") is read(app, "sort=size")
    assert read(app, "sort=size") is not read(app, "sort=-size")


def test_what_else_decides_is_not_forgotten(app: Flask) -> None:
    assert read(app, "").pagination != read(app, "", PageLimits(30, 100)).pagination
    assert read(app, "").pagination != read(app, "", LIMITS, CURSOR_PAGINATION).pagination


def test_a_mistake_is_one_each_time(app: Flask) -> None:
    for _ in range(2):
        with pytest.raises(InvalidParameter):
            read(app, "sort=color")


def test_little_is_kept(app: Flask) -> None:
    for number in range(300):
        read(app, f"filter[size]={number}")
    assert 0 < len(CACHE) <= 256
    CACHE.clear()
    read(app, f"filter[filename]={'x' * 300}")
    assert not CACHE
