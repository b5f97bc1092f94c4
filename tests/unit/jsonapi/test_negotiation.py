"""Reading Accept and Content-Type."""

import pytest
from flask import Flask, g
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.errors import NotAcceptable, UnsupportedMediaType
from open_event_uploads.jsonapi.negotiation import ATOMIC, negotiate
from tests.documents import JSON_API

NOTHING: frozenset[str] = frozenset()


def outcome(accept: str) -> str:
    """The content type of the answer, or the name of the error."""
    with Flask(__name__).test_request_context(headers={"Accept": accept}):
        try:
            negotiate(NOTHING, reads=False)
        except NotAcceptable:
            return "406"
        content_type: str = g.json_api.content_type
        return content_type


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", JSON_API),
        ("*/*", JSON_API),
        ("text/html", JSON_API),
        (f'{JSON_API};ext="{ATOMIC}"', JSON_API),
        (f'{JSON_API}; EXT="{ATOMIC}"', JSON_API),
        (f'{JSON_API};ext="{ATOMIC}";q=0.1, {JSON_API}', JSON_API),
        (f'{JSON_API};ext="{ATOMIC} http://example.org/x"', "406"),
        (f'{JSON_API};ext="http://example.org/x", {JSON_API};q=0.1', JSON_API),
        (f"{JSON_API};q=0", "406"),
        *((f"{JSON_API};q={q}", "406") for q in ("high", "nan", "-5", "5", "1.5", "1e-1", "")),
        (f"{JSON_API};q=1.000, text/html", JSON_API),
        (f'{JSON_API};ext="http://example.org/x";ext=""', "406"),
        (f'{JSON_API};profile="a";profile="b"', "406"),
        (f"{JSON_API};q=1;q=1", "406"),
        (f"{JSON_API};charset=x, " * 100 + JSON_API, JSON_API),
        (f"{JSON_API};charset=utf-8", "406"),
        (f'{JSON_API};profile="http://example.org/x"', JSON_API),
        (f'{JSON_API};profile="unfinished', "406"),
    ],
)
def test_what_the_answer_applies(accept: str, expected: str) -> None:
    assert outcome(accept) == expected


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80))
def test_any_parameters_are_read_or_refused(text: str) -> None:
    assert outcome(f"{JSON_API};{text}")


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/json",
        f"{JSON_API};charset=utf-8",
        f'{JSON_API};ext="http://example.org/x"',
        f'{JSON_API};ext="http://example.org/x";ext="{ATOMIC}"',
    ],
)
def test_what_cannot_be_read(content_type: str) -> None:
    context = Flask(__name__).test_request_context(method="POST", content_type=content_type)
    with context, pytest.raises(UnsupportedMediaType):
        negotiate(NOTHING, reads=True)


def test_an_address_may_need_an_extension() -> None:
    with (
        Flask(__name__).test_request_context(method="POST", content_type=JSON_API),
        pytest.raises(UnsupportedMediaType),
    ):
        negotiate(frozenset({ATOMIC}), reads=True)
