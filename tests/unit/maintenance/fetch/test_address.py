"""Addresses of files are read in one way, or refused."""

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.maintenance.fetch.address import Address, follow, read_address
from open_event_uploads.maintenance.fetch.errors import FetchRefused

ODD = st.text(st.sampled_from("htps:/@\\[].%#?&=0x1a7\n\t é:0-_"), max_size=30)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://a.example", Address("http", "a.example", 80, "/")),
        ("HTTPS://A.Example.:8443/Ä b".replace(" ", "%20"), None),
        ("https://a.example:443/x?y=%20#z", Address("https", "a.example", 443, "/x?y=%20")),
        ("https://a.example?y", Address("https", "a.example", 443, "/?y")),
        ("http://[2001:DB8::1]:81/", Address("http", "2001:db8::1", 81, "/")),
        ("http://192.0.2.1/", Address("http", "192.0.2.1", 80, "/")),
    ],
)
def test_an_address_is_read(text: str, address: Address | None) -> None:
    expected = address or Address("https", "a.example", 8443, "/%C3%84%20b")
    assert read_address(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://a.example/",
        "http\N{LATIN SMALL LETTER LONG S}://a.example/",
        "http://\N{KELVIN SIGN}.example/",
        "file:///etc/passwd",
        "gopher://a.example/",
        "//a.example/",
        "http:a.example",
        "http:///x",
        "http://user@a.example/",
        "http://user:password@a.example/",
        "http://a.example\\@b.example/",
        "http://a.example/\\x",
        "http://a.example/a b",
        "http://a.example/\r\nHost: b",
        "http://a.example\t/",
        "http://a.example:x/",
        "http://a.example:65536/",
        "http://a.example:/",
        "http://ä.example/",
        "http://a..example/",
        "http://-a.example/",
        "http://a%2eexample/",
        "http://[::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://[1.2.3.4]/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://1.2.3.4.5/",
        "http://0x7f000001/",
        "http://1.2.3.08/",
        f"http://a.example/{'x' * 4000}",
        "http://a.example/\ud800",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(FetchRefused):
        read_address(text)


@given(st.one_of(ODD, ODD.map("http://".__add__), ODD.map("https://a.example".__add__), st.text()))
def test_any_text_is_refused_or_makes_one_request(text: str) -> None:
    try:
        found = read_address(text)
    except FetchRefused:
        return
    assert re.fullmatch(r"/[!-~]*", found.target)
    assert re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:.]+", found.host)
    assert read_address(str(found)) == found
    # Another reader finds the same host.
    assert (urlsplit(text).hostname or "").rstrip(".") in {
        found.host,
        urlsplit(str(found)).hostname,
    } or (":" in found.host)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/b", "https://a.example/b"),
        ("b?c", "https://a.example/x/b?c"),
        ("//b.example/c", "https://b.example/c"),
        ("https://b.example", "https://b.example/"),
        ("", "https://a.example/x/y"),
    ],
)
def test_an_answer_leads_elsewhere(location: str, url: str) -> None:
    assert str(follow(read_address("https://a.example/x/y"), location)) == url


@pytest.mark.parametrize(
    "location", ["http://a.example/", "file:///x", "http://[", "https://u@b.example/", "\\\\b"]
)
def test_an_answer_leads_nowhere_else(location: str) -> None:
    with pytest.raises(FetchRefused):
        follow(read_address("https://a.example/x/y"), location)


@given(st.one_of(ODD, st.text()))
def test_any_answer_leads_to_an_address_of_the_same_security_or_is_refused(location: str) -> None:
    try:
        assert follow(read_address("https://a.example/"), location).scheme == "https"
    except FetchRefused:
        return
