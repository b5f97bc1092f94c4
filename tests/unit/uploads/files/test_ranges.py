"""The Range header, as RFC 9110, section 14 says."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from open_event_uploads.errors import RangeNotSatisfiable
from open_event_uploads.uploads.files.ranges import ByteRange, FileChunks, requested_range
from tests.cpu_time import within_cpu_time
from tests.examples import examples

many_examples = settings(max_examples=examples(500))
small = st.integers(0, 12)
digits = st.integers(0, 10**20).map(str) | small.map(lambda number: f"000{number}")

UNSATISFIABLE = "416"
WHOLE = None


def asked(header: str | None, size: int) -> ByteRange | str | None:
    try:
        return requested_range(header, size)
    except RangeNotSatisfiable:
        return UNSATISFIABLE


def positions(size: int, first: int | None, last: int | None) -> list[int]:
    """Which bytes are meant, found by asking for each one."""
    if first is None:
        assert last is not None
        return [at for at in range(size) if at >= size - last]
    return [at for at in range(size) if at >= first and (last is None or at <= last)]


def model(size: int, first: int | None, last: int | None) -> ByteRange | str | None:
    if first is not None and last is not None and last < first:
        return WHOLE  # section 14.1.1: such a range is invalid; section 14.2: ignored
    meant = positions(size, first, last)
    return ByteRange(meant[0], meant[-1] + 1, size) if meant else UNSATISFIABLE


@many_examples
@given(small, small, small)
def test_from_a_first_to_a_last_byte(size: int, first: int, last: int) -> None:
    assert asked(f"bytes={first}-{last}", size) == model(size, first, last)


@many_examples
@given(small, small)
def test_from_a_first_byte_on(size: int, first: int) -> None:
    assert asked(f"bytes={first}-", size) == model(size, first, None)


@many_examples
@given(st.integers(1, 12), small)
def test_the_last_so_many_bytes(size: int, count: int) -> None:
    assert asked(f"bytes=-{count}", size) == model(size, None, count)


@many_examples
@given(st.integers(0, 10**15), digits | st.just(""), digits | st.just(""))
def test_numbers_of_any_length_stay_inside_the_file(size: int, first: str, last: str) -> None:
    found = asked(f"bytes={first}-{last}", size)
    if isinstance(found, ByteRange):
        assert 0 <= found.start < found.stop <= size == found.size
        assert first == "" or found.start == int(first)
        assert found.length == found.stop - found.start


@many_examples
@given(st.text(max_size=30), st.text(alphabet="bytes=0123456789-, \t", max_size=16), small)
def test_no_header_raises_anything_but_ours(junk: str, nearly: str, size: int) -> None:
    asked(junk, size)
    asked(nearly, size)
    asked(f"bytes={nearly}", size)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=1",
        "bytes=--1",
        "bytes=-1-2",
        "bytes=1-2-3",
        "bytes=+1-2",
        "bytes=1.5-2",
        "bytes=0x1-2",
        "bytes=1_0-20",
        "bytes=5-2",
        "bytes=0-1,3-4",
        "bytes=0-1,",
        "bytes 0-1",
        "bytes:0-1",
        "bits=0-1",
        "items=0-1",
        "xbytes=0-1",
        "bytes=٠-١",  # noqa: RUF001 - digits, but not of ASCII
        "bytes=0-1\n",
        "bytes=0-1\r\nX: y",
        "bytes=0-1\x00",
    ],
)
def test_what_is_malformed_or_of_another_kind_means_the_whole_file(header: str | None) -> None:
    assert requested_range(header, 10) is WHOLE


@pytest.mark.parametrize("header", ["bytes=2-5", "BYTES=2-5", "Bytes= 2-5", "bytes=2-5 \t"])
def test_the_unit_has_no_case_and_space_does_not_matter(header: str) -> None:
    assert requested_range(header, 10) == ByteRange(2, 6, 10)


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0", f"bytes={'9' * 5000}-"])
def test_what_lies_outside_says_how_long_the_file_is(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable) as refusal:
        requested_range(header, 10)
    assert refusal.value.headers == {"Content-Range": "bytes */10"}
    assert refusal.value.header == "Range"


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=0-0", "bytes=1-", "bytes=-0"])
def test_an_empty_file_has_no_part(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        requested_range(header, 0)


def test_long_numbers_are_compared_and_not_cut() -> None:
    big = 10**30
    assert requested_range(f"bytes=0-{big}", 10) == ByteRange(0, 10, 10)
    assert requested_range(f"bytes=-{big}", 10) == ByteRange(0, 10, 10)
    assert requested_range(f"bytes={big + 1}-{big}", 10) is WHOLE


def test_a_header_of_a_megabyte_costs_nothing() -> None:
    headers = (
        "bytes=" + "1" * 1_000_000 + "-",
        "bytes=" + " " * 1_000_000 + "x",
        "bytes=0-" + "0" * 1_000_000,
        "bytes=" + "0-1," * 250_000,
    )
    within_cpu_time(0.1, lambda: [asked(header, 10) for header in headers])


def test_a_range_describes_itself() -> None:
    part = ByteRange(2, 6, 10)
    assert part.length == 4
    assert part.content_range == "bytes 2-5/10"


def test_a_part_of_a_file_that_became_shorter_ends_for_good() -> None:
    chunks = FileChunks(io.BytesIO(b"short"), start=1, length=10)
    assert (list(chunks), list(chunks)) == ([b"hort"], [])
