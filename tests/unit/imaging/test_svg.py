"""Remove from an SVG what could run or load something."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.errors import (
    CorruptImage,
    FileTooLarge,
    RefusedFile,
    UnsupportedFileType,
)
from open_event_uploads.imaging.svg import MAX_SVG_BYTES, is_markup, sanitize_svg
from tests.cpu_time import within_cpu_time
from tests.other_files import SVG

XMLNS = b'xmlns="http://www.w3.org/2000/svg"'
XLINK = b'xmlns:xlink="http://www.w3.org/1999/xlink"'


def svg(inside: bytes, attributes: bytes = b"") -> bytes:
    return b"<svg " + XMLNS + b" " + XLINK + b" " + attributes + b">" + inside + b"</svg>"


def test_what_draws_stays() -> None:
    drawing = b'<g transform="scale(2)"><path d="M0 0L9 9" fill="#123456"/></g><text>Hi</text>'
    root = ET.fromstring(sanitize_svg(svg(drawing, b'viewBox="0 0 9 9"')))  # noqa: S314 - our own
    found = [(each.tag.rpartition("}")[2], dict(each.attrib)) for each in root.iter()]
    assert found == [
        ("svg", {"viewBox": "0 0 9 9"}),
        ("g", {"transform": "scale(2)"}),
        ("path", {"d": "M0 0L9 9", "fill": "#123456"}),
        ("text", {}),
    ]


@pytest.mark.parametrize(
    ("inside", "never"),
    [
        (b"<script>alert(1)</script>", b"alert"),
        (b"<script xlink:href='//evil/x.js'/>", b"script"),
        (b"<g onclick='alert(1)'/>", b"onclick"),
        (b"<a href='javascript:alert(1)'><g/></a>", b"javascript"),
        (b"<a xlink:href=' java&#10;script:alert(1)'><g/></a>", b"script:"),
        (b"<a href='https://evil.example/'><g/></a>", b"evil.example"),
        (b"<image href='//evil.example/x.png'/>", b"evil.example"),
        (b"<image href='data:text/html,&lt;script>'/>", b"text/html"),
        (b"<image href='data:image/svg+xml,&lt;svg>'/>", b"svg+xml"),
        (b"<use href='https://evil.example/x.svg#a'/>", b"evil.example"),
        (b"<style>@import 'https://evil.example/x.css'</style>", b"evil.example"),
        (b"<rect style='fill:url(https://evil.example/x)'/>", b"evil.example"),
        (
            b"<foreignObject><b xmlns='http://www.w3.org/1999/xhtml'>x</b></foreignObject>",
            b"oreign",
        ),
        (b"<b xmlns='http://www.w3.org/1999/xhtml' onclick='x'>x</b>", b"xhtml"),
        (b"<set attributeName='href' to='javascript:alert(1)'/>", b"attributeName"),
        (b"<animate attributeName='xlink:href' values='javascript:1'/>", b"attributeName"),
        (b"<handler>alert(1)</handler>", b"handler"),
        (b"<?xml-stylesheet href='https://evil.example/x.css'?>", b"evil.example"),
        (b"<!-- --><g/><!-- a secret -->", b"secret"),
        (b"<metadata><place>Berlin</place></metadata>", b"Berlin"),
    ],
)
def test_what_runs_or_calls_elsewhere_goes(inside: bytes, never: bytes) -> None:
    assert never not in sanitize_svg(svg(inside))


@pytest.mark.parametrize("kind", [b"jpeg", b"png", b"gif", b"webp", b"avif"])
def test_a_picture_inside_stays(kind: bytes) -> None:
    assert b"data:image/" + kind in sanitize_svg(
        svg(b"<image href='data:image/" + kind + b";base64,AAAA'/>")
    )


@pytest.mark.parametrize(
    "content",
    [b"<!doctype html><title>x</title>", b"<html/>", b"<svg/>", b"<svg xmlns='urn:x'/>", b"<", b""],
)
def test_other_markup_is_no_svg(content: bytes) -> None:
    with pytest.raises(UnsupportedFileType):
        sanitize_svg(content)


@pytest.mark.parametrize(
    "content",
    [
        svg(b"")[:-1],
        svg(b"<g>"),
        svg(b"&unknown;"),
        svg(b"<g a='1' a='2'/>"),
        svg(b"\xff"),
        b"<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + svg(b"<text>&x;</text>"),
        b"<!DOCTYPE svg [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]>" + svg(b"<text>&b;</text>"),
        b"<!DOCTYPE svg [<!ENTITY % p SYSTEM 'http://127.0.0.1/x'> %p;]>" + svg(b""),
    ],
)
def test_what_is_broken_or_declares_entities_is_refused(content: bytes) -> None:
    with pytest.raises(CorruptImage):
        sanitize_svg(content)


def test_the_document_type_that_editors_write_is_welcome() -> None:
    dtd = b'"-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"'
    assert b"DTD" not in sanitize_svg(b"<!DOCTYPE svg PUBLIC " + dtd + b">" + svg(b"<g/>"))


@pytest.mark.parametrize(
    "content",
    [
        svg(b"<g>" * 100_000 + b"</g>" * 100_000),
        svg(b"<g/>" * 60_000),
        svg(b"", b" ".join(b"xmlns:a%d='urn:%d'" % (n, n) for n in range(1000))),
        svg(b"<g>" * 50 + b"</g>" * 50),
    ],
)
def test_what_costs_out_of_proportion_is_refused_at_once(content: bytes) -> None:
    def refuse() -> None:
        with pytest.raises(CorruptImage, match="more than"):
            sanitize_svg(content)

    within_cpu_time(2, refuse)


def test_an_svg_has_a_size_of_its_own() -> None:
    with pytest.raises(FileTooLarge) as refusal:
        sanitize_svg(svg(b" " * MAX_SVG_BYTES))
    assert refusal.value.limit == MAX_SVG_BYTES


def test_what_is_sanitised_stays_as_it_is() -> None:
    once = sanitize_svg(SVG)
    assert sanitize_svg(once) == once


@pytest.mark.parametrize(
    ("head", "expected"),
    [(b"<svg", True), (b"\xef\xbb\xbf \n<svg", True), (b"GIF89a<svg", False), (b"", False)],
)
def test_markup_begins_with_a_bracket(head: bytes, expected: bool) -> None:  # noqa: FBT001 - a table
    assert is_markup(head) is expected


@given(st.data())
def test_damage_and_noise_are_refused_or_harmless(data: st.DataObject) -> None:
    changed = bytearray(SVG)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(changed) - 1))
        changed[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=4))
    try:
        result = sanitize_svg(bytes(changed))
    except RefusedFile:
        return
    for each in (b"<script", b"onload", b"onclick", b"javascript:", b"<iframe"):
        assert each not in result
