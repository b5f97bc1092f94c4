"""Structured header fields (RFC 9651): what is malformed, or of another type, counts as absent."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.jsonapi.structured_fields import (
    read_boolean,
    read_byte_sequences,
    read_integer,
)

KEYS = st.from_regex(r"[a-z*][a-z0-9_.*-]{0,8}", fullmatch=True)
# Values of all types (section 3.3), as they are written.
BARE_ITEMS = st.sampled_from(
    [
        "1",
        "-7",
        "4.5",
        '"a \\" b"',
        '"a;b"',
        "token/x:y",
        ":YQ==:",
        "?0",
        "@1659578233",
        '%"f%c3%bc"',
    ]
)
PARAMETERS = st.lists(st.tuples(st.sampled_from([";", "; "]), KEYS, BARE_ITEMS | st.none())).map(
    lambda found: "".join(f"{sep}{key}" + (f"={item}" if item else "") for sep, key, item in found)
)
SPACES = st.sampled_from(["", " ", "  "])


@given(st.integers(0, 10**15 - 1), PARAMETERS, SPACES, SPACES)
def test_an_integer_may_have_parameters_and_spaces_around_it(
    number: int, parameters: str, before: str, after: str
) -> None:
    assert read_integer(f"{before}{number}{parameters}{after}") == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-1",
        "+1",
        "1.0",
        "1 2",
        "1, 1",
        "10000000000000000",
        '"1"',
        "?1",
        "one",
        "\t1",
        "1\n",
        "٣",
        "²",
        "1;A",
        "1;a=",
        "1;a=é",
    ],
)
def test_what_is_no_integer_counts_as_absent(text: str) -> None:
    assert read_integer(text) is None


@given(st.booleans(), PARAMETERS, SPACES, SPACES)
def test_a_boolean_may_have_parameters_and_spaces_around_it(
    value: bool,  # noqa: FBT001 - hypothesis' own
    parameters: str,
    before: str,
    after: str,
) -> None:
    assert read_boolean(f"{before}?{int(value)}{parameters}{after}") is value


@pytest.mark.parametrize(
    "text", ["", "?2", "?", "1", "true", "? 1", "?1, ?1", "?0?1", '"?1"', "?1 x"]
)
def test_what_is_no_boolean_counts_as_absent(text: str) -> None:
    assert read_boolean(text) is None


@given(
    st.lists(st.tuples(KEYS, st.binary(max_size=40) | BARE_ITEMS, PARAMETERS)),
    st.sampled_from([",", ", ", " ,\t"]),
)
def test_the_last_byte_sequence_of_a_key_counts(
    members: list[tuple[str, bytes | str, str]], comma: str
) -> None:
    def written(value: bytes | str) -> str:
        return value if isinstance(value, str) else f":{b64encode(value).decode()}:"

    text = comma.join(f"{key}={written(value)}{rest}" for key, value, rest in members)
    last = {key: value for key, value, _ in members}
    wanted = {key: b"a" if value == ":YQ==:" else value for key, value in last.items()}
    assert read_byte_sequences(text) == {
        key: value for key, value in wanted.items() if isinstance(value, bytes)
    }


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("a=:YQ:", {"a": b"a"}),
        ("a=:YQ==:, b=(1 :YQ==: x);q, c;q=1, d", {"a": b"a"}),
        ("  a=:YQ==:  ", {"a": b"a"}),
        ("a=:Y:, b=:YQ==:", {"b": b"a"}),
        ("a=:YQ==:,", {}),
        ("a=:YQ==: b=:YQ==:", {}),
        ("a=:YQ==:, B=:YQ==:", {}),
        ("a=:Y*==:", {}),
        (":YQ==:", {}),
        ("\ta=:YQ==:", {}),
        ("", {}),
    ],
)
def test_a_dictionary_is_read_whole_or_not_at_all(text: str, members: dict[str, bytes]) -> None:
    assert read_byte_sequences(text) == members


@given(st.text(alphabet='?01-;=a:, .\t"()%@*A+/é\\z9_\n'))
def test_any_text_is_read_or_ignored(text: str) -> None:
    assert read_boolean(text) in {None, True, False}
    assert (read_integer(text) or 0) >= 0
    assert isinstance(read_byte_sequences(text), dict)


def test_an_absent_field_is_no_value() -> None:
    assert (read_boolean(None), read_integer(None), read_byte_sequences(None)) == (None, None, {})
