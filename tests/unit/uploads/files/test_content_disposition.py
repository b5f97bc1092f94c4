"""The name of a file in `Content-Disposition`: whole for those who can read it, safe for others."""

import re
from email.message import Message
from typing import cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from werkzeug.http import parse_options_header

from open_event_uploads.imaging.formats import (
    FILES_BY_MEDIA_TYPE,
    FORMATS,
    SVG,
    FileFormat,
)
from open_event_uploads.uploads.files.content_disposition import content_disposition
from tests.examples import examples

PDF = FILES_BY_MEDIA_TYPE["application/pdf"]
PNG = next(each for each in FORMATS if each.extension == "png")

ANYTHING = st.text(alphabet=st.characters(exclude_categories=()), max_size=300)
TRICKY = st.text(
    alphabet=st.sampled_from("a.png \"'\\%2F%00%zz/;=,*:?<>|\r\n\t\0\x7f\u202eéñ🎤\ud800"),
    max_size=130,
)


def plain_name(header: str) -> str:
    """Read `filename` alone, as a parser of mail does, which knows nothing of `filename*`."""
    message = Message()
    message["Content-Disposition"] = re.sub(r"; filename\*=.*", "", header)
    return cast("str", message.get_filename())


def naive_name(header: str) -> str:
    """Read `filename` as people do in a line of code: what stands between two quotes."""
    if '"' in header:
        return header[header.index('"') + 1 : header.rindex('"')]
    return header.partition("filename=")[2].partition(";")[0]


@settings(max_examples=examples(1000))
@given(ANYTHING | TRICKY, st.sampled_from([PNG, PDF, SVG]))
@example("", PNG)
@example(".png", PNG)
@example(" ", PNG)
@example(" . png", PNG)
@example('a"; filename="evil.exe', PDF)
@example("100%41.png", PNG)
def test_every_reader_gets_a_name(name: str, format_: FileFormat) -> None:
    header = content_disposition(format_, name)
    assert header.isascii()
    assert header.isprintable()
    assert "\\" not in header
    assert header.count('"') in {0, 2}

    kind, options = parse_options_header(header)
    assert kind == ("inline" if format_ is PNG else "attachment")
    whole = name.encode("utf-8", "replace").decode()
    ends_well = whole.rpartition(".")[2].lower() in format_.extensions
    assert options["filename"] == (whole if ends_well else f"{whole}.{format_.extension}")

    plain = plain_name(header)
    assert plain == naive_name(header)
    assert not re.search(r'["\\/%:*?<>|]', plain)
    assert not plain.startswith(".")
    assert plain.rpartition(".")[2].lower() in format_.extensions


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("talk.png", "inline; filename=talk.png"),
        ("main stage.png", 'inline; filename="main stage.png"'),
        ("a;b=c.png", 'inline; filename="a;b=c.png"'),
        ('a"b.png', "inline; filename=a_b.png; filename*=UTF-8''a%22b.png"),
        ("a\\b.png", "inline; filename=a_b.png; filename*=UTF-8''a%5Cb.png"),
        ("50% off.png", "inline; filename=\"50_ off.png\"; filename*=UTF-8''50%25%20off.png"),
        ("fête.png", "inline; filename=f_te.png; filename*=UTF-8''f%C3%AAte.png"),
        (".htaccess", "inline; filename=_.htaccess.png; filename*=UTF-8''.htaccess.png"),
        ("a\r\nX: y.png", "inline; filename=\"a__X_ y.png\"; filename*=UTF-8''a%0D%0AX%3A%20y.png"),
        ("it's.png", "inline; filename=it's.png"),
    ],
)
def test_known_names(name: str, header: str) -> None:
    assert content_disposition(PNG, name) == header
