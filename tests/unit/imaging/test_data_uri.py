"""Parse data URIs by RFC 2397 and the WHATWG Infra standard, or refuse them."""

import base64
import string
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from open_event_uploads.errors import FileTooLarge, InvalidDataUri
from open_event_uploads.imaging.data_uri import decode_data_uri, forgiving_base64_decode
from tests.cpu_time import within_cpu_time
from tests.examples import examples

PLENTY = 1_000_000
WHITE_SPACE = "\t\n\f\r "
DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"

many_examples = settings(max_examples=examples(1500))


def infra_forgiving_base64_decode(data: str) -> bytes | None:
    """Follow WHATWG Infra, "forgiving-base64 decode", step by step; None is failure."""
    # 1. Remove all ASCII white space from data.
    data = "".join(code_point for code_point in data if code_point not in WHITE_SPACE)
    # 2. If data's length divides by 4 leaving no remainder: remove one or two "=" from its end.
    if len(data) % 4 == 0:
        if data.endswith("=="):
            data = data[:-2]
        elif data.endswith("="):
            data = data[:-1]
    # 3. If its length divides by 4 leaving a remainder of 1, return failure.
    if len(data) % 4 == 1:
        return None
    # 4. If data has a code point that is not +, / or an ASCII alphanumeric, return failure.
    if any(code_point not in DIGITS for code_point in data):
        return None
    # 5. to 8. Six bits a code point; each 24 bits in the buffer are three bytes of the output.
    output = bytearray()
    buffer = ""
    for code_point in data:
        buffer += f"{DIGITS.index(code_point):06b}"
        if len(buffer) == 24:
            output += bytes(int(buffer[at : at + 8], 2) for at in (0, 8, 16))
            buffer = ""
    # 9. 12 bits left: discard the last four, one byte. 18 bits: discard the last two, two bytes.
    if len(buffer) == 12:
        output.append(int(buffer[:8], 2))
    elif len(buffer) == 18:
        output += bytes((int(buffer[:8], 2), int(buffer[8:16], 2)))
    return bytes(output)


def decoded(data: str) -> bytes | None:
    try:
        return forgiving_base64_decode(data.encode("ascii"))
    except InvalidDataUri:
        return None


def content_of(text: str) -> bytes:
    return decode_data_uri(text, max_bytes=PLENTY)


def refused(text: str) -> None:
    with pytest.raises(InvalidDataUri):
        decode_data_uri(text, max_bytes=PLENTY)


# --- The payload ------------------------------------------------------------------------------


@many_examples
@given(st.text(alphabet="AZaz09+/=" + WHITE_SPACE, max_size=16))
def test_digits_padding_and_white_space_decode_as_the_standard_says(data: str) -> None:
    assert decoded(data) == infra_forgiving_base64_decode(data)


@many_examples
@given(st.text(alphabet="AQg=", max_size=9))
def test_padding_in_any_place_decodes_as_the_standard_says(data: str) -> None:
    assert decoded(data) == infra_forgiving_base64_decode(data)


@many_examples
@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=24))
def test_any_ascii_decodes_as_the_standard_says(data: str) -> None:
    assert decoded(data) == infra_forgiving_base64_decode(data)


@many_examples
@given(
    st.text(alphabet=DIGITS, max_size=200),
    st.integers(0, 200),
    st.sampled_from(["-", "_", "%", "\x00", "\v", "\x1c", ".", ",", "=", "==", "\\", "\x7f"]),
)
def test_junk_in_a_long_payload_decodes_as_the_standard_says(data: str, at: int, junk: str) -> None:
    text = data[:at] + junk + data[at:]
    assert decoded(text) == infra_forgiving_base64_decode(text)


@many_examples
@given(content=st.binary(max_size=200), padded=st.booleans(), data=st.data())
def test_any_bytes_come_back_with_white_space_added_and_padding_removed(
    content: bytes, *, padded: bool, data: st.DataObject
) -> None:
    payload = base64.b64encode(content).decode()
    payload = payload if padded else payload.rstrip("=")
    gaps = data.draw(st.lists(st.integers(0, len(payload)), max_size=6))
    for gap in sorted(gaps, reverse=True):
        payload = payload[:gap] + data.draw(st.sampled_from(WHITE_SPACE)) + payload[gap:]
    assert content_of(f"data:image/png;base64,{payload}") == content


def test_missing_padding_is_allowed() -> None:
    assert content_of("data:image/png;base64,aGk") == b"hi"


def test_surplus_bits_are_dropped() -> None:
    assert content_of("data:image/png;base64,aGl=") == b"hi"


def test_line_wraps_are_allowed() -> None:
    content = bytes(range(256)) * 4
    payload = base64.encodebytes(content).decode().replace("\n", "\r\n")
    assert content_of(f"data:image/png;base64,{payload}") == content


@pytest.mark.parametrize(
    "payload",
    [
        "aGk%3D",
        "%61Gk=",
        "aGk-",
        "aGk_",
        "a",
        "aGk=aGk=",
        "aGk===",
        "====",
        "=",
        "aG=k",
        "aGk=\x00",
        "\x00",
        "aGk\v",
        "aGk\u00a0",
        "aGké",
        "аGk=",  # noqa: RUF001 - a Cyrillic letter is what is tried
        "aGk,aGk",
        "data:image/png;base64,aGk=",
        "aGk=\udc80",
    ],
)
def test_anything_else_in_the_payload_is_refused(payload: str) -> None:
    refused(f"data:image/png;base64,{payload}")


def test_an_empty_payload_is_an_empty_file() -> None:
    assert content_of("data:image/png;base64,") == b""


# --- The head ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        "data:image/png;base64",
        "DATA:IMAGE/PNG;BASE64",
        "data:;base64",
        "data:;charset=utf-8;base64",
        "data:image/svg+xml;base64",
        "data:application/vnd.a.b-c+d;base64",
        "data:image/png; base64",
        "data:image/png;   base64",
        "data:image/png;base64 ",
        "data: image/png;base64",
        "data:image/png;name=a.png;base64",
        "data:image/png;name=base64;base64",
        "data:image/png;base64=1;base64",
    ],
)
def test_a_head_of_any_type_is_accepted(head: str) -> None:
    assert content_of(f"{head},aGk=") == b"hi"


def test_a_type_that_looks_like_a_path_is_refused() -> None:
    refused("data:image/../../etc;base64,aGk=")


@pytest.mark.parametrize("count", range(6))
def test_up_to_five_parameters_are_read(count: int) -> None:
    parameters = "".join(f";p{number}=v" for number in range(count))
    assert content_of(f"data:image/png{parameters};base64,aGk=") == b"hi"


def test_six_parameters_are_refused() -> None:
    refused(f"data:image/png{';p=v' * 6};base64,aGk=")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ",",
        "aGk=",
        "data:",
        "data:,",
        "data:aGk=",
        "data:image/png",
        "data:image/png;base64",
        "data:image/png;base64aGk=",
        "data:image/png,aGk=",
        "data:image/png;base64;charset=utf-8,aGk=",
        "data:image/png;base64;,aGk=",
        "data:image/png;;base64,aGk=",
        "data:image/png;base 64,aGk=",
        "data:image/png;\tbase64,aGk=",
        "data:image/png;xbase64,aGk=",
        "data:image/png base64,aGk=",
        "data:image;base64,aGk=",
        "data:image/;base64,aGk=",
        "data:/png;base64,aGk=",
        "data:image/png/x;base64,aGk=",
        "data:image/p ng;base64,aGk=",
        'data:image/png;name="a,b";base64,aGk=',
        'data:image/png;name="a";base64,aGk=',
        "data:image/png;name=;base64,aGk=",
        "data:image/png;name;base64,aGk=",
        "data:image/png\x00;base64,aGk=",
        "data:image/png\r\nX: y;base64,aGk=",
        "data:imagé/png;base64,aGk=",
        "data:image/png;base64\uff0caGk=",
        "data:image/svg+xml,%3Csvg/%3E",
        "data://image/png;base64,aGk=",
        "xdata:image/png;base64,aGk=",
        "datax:image/png;base64,aGk=",
        "http://example.com/a.png",
        "http://example.com/a.png,data:image/png;base64,aGk=",
        "file:///etc/passwd",
        "javascript:alert(1)//;base64,aGk=",
        "\ufeffdata:image/png;base64,aGk=",
        "\ud800data:image/png;base64,aGk=",
        "data:\u017fmage/png;ba\u017fe64,aGk=",  # long s folds to s outside ASCII
    ],
)
def test_what_is_not_a_base64_data_uri_is_refused(text: str) -> None:
    refused(text)


@pytest.mark.parametrize("space", [*WHITE_SPACE, "\r\n  \t"])
def test_white_space_around_the_uri_is_ignored(space: str) -> None:
    assert content_of(f"{space}data:image/png;base64,aGk={space}") == b"hi"


@many_examples
@given(st.text(max_size=60), st.text(max_size=20))
def test_no_text_raises_anything_but_ours(head: str, payload: str) -> None:
    for text in (head, f"data:{head},{payload}", f"data:{head};base64,{payload}"):
        with suppress(InvalidDataUri, FileTooLarge):
            decode_data_uri(text, max_bytes=5)


@pytest.mark.parametrize(
    "text",
    [
        "data:image/png" + ";" * 20_000 + "base64,aGk=",
        "data:" + "a" * 65_536 + "/png;base64,aGk=",
        "data:image/png" + ";a=b" * 20_000 + ";base64,aGk=",
        "data:image/png;" + " " * 20_000 + "base64,aGk=",
        "data:" + " \t" * 20_000 + ";base64,aGk=",
        "data:image/png;base64" + " " * 20_000 + ",aGk=",
        " " * 100_000 + ",",
        "data:" + "!" * 380,
        "data:" + "a=" * 190 + ",",
        "data:" + ";a=a" * 95 + ",",
        "data:" + " " * 390 + ",",
    ],
)
def test_a_hostile_head_is_refused_at_once(text: str) -> None:
    within_cpu_time(0.1, lambda: refused(text))


def test_a_refusal_does_not_repeat_what_was_sent() -> None:
    with pytest.raises(InvalidDataUri) as refusal:
        decode_data_uri("data:image/png;base64,c2VjcmV0!", max_bytes=PLENTY)
    assert "c2VjcmV0" not in str(refusal.value)


# --- The size ---------------------------------------------------------------------------------


def padded(payload: str) -> str:
    return payload + "=" * (-len(payload) % 4)


@pytest.mark.parametrize("size", range(12))
@pytest.mark.parametrize("finish", [padded, str])
def test_the_limit_is_the_decoded_size_to_the_byte(size: int, finish: Callable[[str], str]) -> None:
    payload = finish(base64.b64encode(b"x" * size).decode().rstrip("="))
    uri = f"data:image/png;base64,{payload}"
    assert decode_data_uri(uri, max_bytes=size) == b"x" * size
    if size:
        with pytest.raises(FileTooLarge) as refusal:
            decode_data_uri(uri, max_bytes=size - 1)
        assert (refusal.value.limit, refusal.value.actual) == (size - 1, size)


def test_white_space_does_not_count() -> None:
    payload = "\n".join("aGk=") + " " * 100_000
    assert decode_data_uri(f"data:;base64,{payload}", max_bytes=2) == b"hi"


def test_white_space_does_not_hide_what_is_too_large() -> None:
    payload = " ".join(base64.b64encode(b"x" * 30).decode())
    with pytest.raises(FileTooLarge) as refusal:
        decode_data_uri(f"data:;base64,{payload}", max_bytes=29)
    assert (refusal.value.limit, refusal.value.actual) == (29, 30)


def test_the_size_is_judged_before_anything_is_decoded() -> None:
    with pytest.raises(FileTooLarge):
        decode_data_uri("data:;base64," + "!" * 40, max_bytes=10)
