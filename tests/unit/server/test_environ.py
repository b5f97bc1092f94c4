"""A request of ASGI in the words of WSGI."""

import io
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.wrappers import Request

from open_event_uploads.server.environ import environ_of


def scope(**changes: object) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "headers": [],
        "client": ("192.0.2.1", 4711),
        "server": ("127.0.0.1", 8000),
        **changes,
    }


@given(st.text(st.characters(exclude_categories=["Cs"])), st.binary())
def test_werkzeug_reads_back_the_address(path: str, query: bytes) -> None:
    asked = scope(path=f"/{path}", query_string=query)
    environ = environ_of(asked, io.BytesIO())
    request = Request(environ)
    assert environ["PATH_INFO"].encode("latin-1").decode() == f"/{path}"
    assert request.path == f"/{path.lstrip('/')}"
    assert request.query_string == query
    assert request.remote_addr == "192.0.2.1"


def test_a_field_that_comes_twice_is_a_list() -> None:
    headers = [(b"x-a", b"1"), (b"x-a", b"2"), (b"cookie", b"a=1"), (b"cookie", b"b=2")]
    environ = environ_of(scope(headers=headers), io.BytesIO())
    assert environ["HTTP_X_A"] == "1,2"
    assert Request(environ).cookies.to_dict() == {"a": "1", "b": "2"}


def test_a_field_with_an_underscore_is_left_out() -> None:
    headers = [(b"x-forwarded-for", b"192.0.2.7"), (b"x_forwarded_for", b"127.0.0.1")]
    environ = environ_of(scope(headers=headers), io.BytesIO())
    assert environ["HTTP_X_FORWARDED_FOR"] == "192.0.2.7"


def test_what_says_what_the_body_is_has_names_of_its_own() -> None:
    headers = [(b"content-type", b"image/png"), (b"content-length", b"3")]
    environ = environ_of(scope(headers=headers), io.BytesIO(b"abc"))
    assert (environ["CONTENT_TYPE"], environ["CONTENT_LENGTH"]) == ("image/png", "3")
    assert not {"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"} & environ.keys()
    assert environ["wsgi.input"].read() == b"abc"


def test_bytes_of_a_field_stay_what_they_are() -> None:
    name = 'file; filename="Bühne.png"'.encode()
    environ = environ_of(scope(headers=[(b"content-disposition", name)]), io.BytesIO())
    assert environ["HTTP_CONTENT_DISPOSITION"].encode("latin-1") == name
