"""JSON on its way in."""

import json
import math
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from open_event_uploads.errors import InvalidAttribute, InvalidJson
from open_event_uploads.jsonapi.json_pointer import escape_pointer
from open_event_uploads.jsonapi.json_text import MAX_DEPTH, decode
from tests.cpu_time import within_cpu_time
from tests.examples import examples

many_examples = settings(max_examples=examples(400))

# What is JSON whatever program reads it.
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
documents = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


def problem_of(body: bytes) -> str:
    """Return why the body is refused."""
    with pytest.raises(InvalidJson) as refusal:
        decode(body)
    return str(refusal.value)


def depth(node: object) -> int:
    if isinstance(node, dict):
        return 1 + max(map(depth, node.values()), default=0)
    return 1 + max(map(depth, node), default=0) if isinstance(node, list) else 0


@many_examples
@given(document=documents, ascii_only=st.booleans())
def test_json_is_read_as_it_was_written(document: object, *, ascii_only: bool) -> None:
    body = json.dumps(document, ensure_ascii=ascii_only).encode()
    assert decode(body) == document


@many_examples
@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:\\ud80012ntfae.-', max_size=40))
def test_no_body_raises_anything_but_ours(body: bytes | str) -> None:
    try:
        document = decode(body.encode() if isinstance(body, str) else body)
    except (InvalidJson, InvalidAttribute):
        return
    assert depth(document) <= MAX_DEPTH


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"}",
        b"{}{}",
        b"{},",
        b"[1,]",
        b'{"a":1,}',
        b"{'a':1}",
        b"{a:1}",
        b"// comment\n{}",
        b"undefined",
        b"True",
        b"01",
        b"+1",
        b".5",
        b"1.",
        b"0x1",
        b'"a',
        b'"a\nb"',
        b'"\x00"',
        b'"\\x41"',
        b'"\\u12"',
        b"NaN",
        b"-NaN",
        b"Infinity",
        b"-Infinity",
        b'{"a": NaN}',
        b"[1e999]",
        b"{}\x00",
        b"\x00",
    ],
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidJson):
        decode(body)


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        "{}".encode("utf-16-le"),
        "{}".encode("utf-32"),
        b'"\xff"',
        b'"\xc3"',
        b'"\xc0\xaf"',
        b'"\xed\xa0\x80"',
        b'"\xf4\x90\x80\x80"',
        b'{"\xff": 1}',
    ],
)
def test_what_is_not_plain_utf_8_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidJson):
        decode(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1, "a": 2}',
        b'{"a": 1, "a": 1}',
        rb'{"a": 1, "\u0061": 2}',
        b'{"": 1, "": 2}',
        b'[{"b": {"a": {}, "a": []}}]',
        rb'{"\u0022": 1, "\"": 2}',
        rb'{"a": "\u0022\u0022\u0022", "a": 2}',
        b'{"a": %s, "a": 2}' % (b"9" * 4000),
        b'[%s {"a": 1, "a": 2}]' % (b'"",' * 20_000),
    ],
)
def test_no_object_has_a_name_twice(body: bytes) -> None:
    with pytest.raises(InvalidJson, match="two members"):
        decode(body)


def test_a_second_name_among_many_is_found_at_once() -> None:
    names = ",".join(f'"{n}":1' for n in range(200_000))
    body = f'{{{names},"199999":2}}'.encode()
    # Comparing each with each would take hours.
    problem = within_cpu_time(5, lambda: problem_of(body))
    assert "two members" in problem


@pytest.mark.parametrize("levels", [31, 32, 33, 500, *range(950, 1010, 3), 5_000])
def test_what_was_dropped_may_be_deep(levels: int) -> None:
    deep = "[" * levels + "1" + "]" * levels
    with pytest.raises(InvalidJson):
        decode(f'{{"a":{deep},"a":1}}'.encode())


@pytest.mark.parametrize(
    "body",
    [
        rb'{"a": "\\u0022"}',
        rb'{"a": "\"", "b": "\u0022"}',
        b'{"a": {"a": 1}, "b": {"a": 1}}',
        b'[%s ""]' % (b'"",' * 4_999),
        b'[%s ""]' % (b'"",' * 9_999),
    ],
)
def test_what_only_looks_like_a_second_name_is_read(body: bytes) -> None:
    assert decode(body) == json.loads(body)


@many_examples
@given(
    members=st.lists(st.tuples(st.text(alphabet='ab"\\\u00e9', max_size=2), scalars), max_size=5),
    ascii_only=st.booleans(),
)
def test_names_are_compared_as_they_are_read(
    members: list[tuple[str, object]], *, ascii_only: bool
) -> None:
    pairs = (
        f"{json.dumps(name, ensure_ascii=ascii_only)}: {json.dumps(value)}"
        for name, value in members
    )
    body = f"{{{', '.join(pairs)}}}".encode()
    if len(dict(members)) == len(members):
        assert decode(body) == dict(members)
    else:
        with pytest.raises(InvalidJson):
            decode(body)


# --- Numbers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", [4300, 4301, 5000, 100_000])
@pytest.mark.parametrize("shape", ["%s", "-%s", "[%s]", '{"a": %s}', "%s.5", "%se5"])
def test_a_huge_number_is_refused_or_read_and_never_breaks(digits: int, shape: str) -> None:
    body = (shape % ("9" * digits)).encode()

    def refuse_or_read() -> None:
        with suppress(InvalidJson):
            decode(body)

    within_cpu_time(0.5, refuse_or_read)


def test_no_number_is_infinite() -> None:
    with pytest.raises(InvalidJson):
        decode(b"1e400")
    assert decode(b"1e-400") == 0
    assert math.isfinite(float(str(decode(b"1.7976931348623157e308"))))


# --- Depth ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_as_deep_as_allowed(opening: str, closing: str) -> None:
    body = opening * MAX_DEPTH + "1" + closing * MAX_DEPTH
    assert depth(decode(body.encode())) == MAX_DEPTH == 32


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 200, 900, 5_000, 100_000])
def test_deeper_than_allowed_names_the_limit(opening: str, closing: str, levels: int) -> None:
    for body in (opening * levels + "1" + closing * levels, opening * levels):
        with pytest.raises(InvalidJson) as refusal:
            decode(body.encode())
        assert refusal.value.limit in {MAX_DEPTH, None}
    with pytest.raises(InvalidJson) as refusal:
        decode((opening * levels + "1" + closing * levels).encode())
    assert refusal.value.limit == MAX_DEPTH


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000, '{"a":[' * 50_000])
def test_nesting_without_end_is_refused_at_once(body: str) -> None:
    within_cpu_time(0.5, lambda: problem_of((body + '"\\ud800"').encode()))


def test_a_wide_document_is_not_deep() -> None:
    body = json.dumps([[1]] * 100_000).encode()
    assert len(decode(body)) == 100_000  # type: ignore[arg-type]  # it is a list


# --- Lone surrogates --------------------------------------------------------------------------


def test_a_surrogate_pair_is_one_character() -> None:
    assert decode(b'"\\ud83c\\udfa4"') == "🎤"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (rb'"\ud800"', ""),
        (rb'{"data": {"attributes": {"alt": "\ud800"}}}', "/data/attributes/alt"),
        (rb'{"data": {"attributes": {"alt": "a\udfffb"}}}', "/data/attributes/alt"),
        (rb'{"data": {"attributes": {"alt": "\udc00\ud800"}}}', "/data/attributes/alt"),
        (rb'{"data": {"attributes": {"alt": "\uD83Cx"}}}', "/data/attributes/alt"),
        (rb'{"a": ["x", {"b": "\ud800"}]}', "/a/1/b"),
        (rb'{"a/b~c": "\ud800"}', "/a~1b~0c"),
        (rb'{"": "\ud800"}', "/"),
        (rb'{"a": {"\ud800": 1}}', "/a"),
    ],
)
def test_half_a_surrogate_pair_is_a_fault_of_its_member(body: bytes, pointer: str) -> None:
    with pytest.raises(InvalidAttribute) as refusal:
        decode(body)
    assert refusal.value.pointer == pointer
    assert refusal.value.status == 422


@pytest.mark.parametrize(
    "body", [rb'{"a": "\ud800"', rb'{"a": "\ud800", "b": NaN}', rb'"\ud800" x', b'"\\ud800\xff"']
)
def test_half_a_surrogate_pair_in_what_is_not_json_is_not_json(body: bytes) -> None:
    with pytest.raises(InvalidJson):
        decode(body)


def test_an_escaped_backslash_is_no_escape() -> None:
    assert decode(rb'"\\ud800"') == r"\ud800"


# --- What a refusal says ----------------------------------------------------------------------


@pytest.mark.parametrize("body", [b'{"password": "hunter2"', b'{"a": hunter2}', b"hunter2\xff"])
def test_a_refusal_does_not_repeat_the_body(body: bytes) -> None:
    with pytest.raises(InvalidJson) as refusal:
        decode(body)
    assert "hunter2" not in refusal.value.detail
    assert "\n" not in refusal.value.detail


@pytest.mark.parametrize(
    ("name", "step"), [("a", "a"), ("a/b", "a~1b"), ("a~b", "a~0b"), ("~1", "~01"), ("", "")]
)
def test_a_name_is_escaped_as_a_step_of_a_pointer(name: str, step: str) -> None:
    assert escape_pointer(name) == step
