"""Upload-Metadata: what clients send is read, and nothing else is."""

import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.errors import InvalidRequest, ManyErrors
from open_event_uploads.uploads.resumable.metadata import (
    format_metadata,
    parse_metadata,
    read_metadata,
)
from open_event_uploads.uploads.resumable.model import MAX_HEADER_CHARACTERS

# ASCII without spaces and commas (tus 1.0, "Upload-Metadata").
KEYS = st.text(
    st.sampled_from([each for each in map(chr, range(33, 127)) if each != ","]), min_size=1
)
# A header field has the characters of ISO 8859-1.
HEADERS = st.text(st.characters(max_codepoint=255))
LIKELY = st.text(st.sampled_from(f"{string.ascii_letters}+/= ,\t\x00ä"))


@given(st.dictionaries(KEYS, st.text(max_size=50), max_size=5))
def test_what_is_written_is_read(texts: dict[str, str]) -> None:
    assert parse_metadata(format_metadata(texts)) == texts


@given(st.one_of(HEADERS, LIKELY))
def test_anything_is_read_or_refused(sent: str) -> None:
    try:
        texts = parse_metadata(sent)
    except InvalidRequest:
        return
    assert parse_metadata(format_metadata(texts)) == texts


@given(st.dictionaries(KEYS, st.text(max_size=20), max_size=3), st.text(max_size=20))
def test_any_values_are_accepted_or_refused(texts: dict[str, str], value: str) -> None:
    for name in ("filename", "alt", "visibility", "expires-at"):
        with suppress(ManyErrors):
            assert name.replace("-", "_") in read_metadata(format_metadata({**texts, name: value}))


@pytest.mark.parametrize(
    ("sent", "texts"),
    [
        ("", {}),
        ("  ", {}),
        ("is_confidential", {"is_confidential": ""}),
        ("filename d29ybGQ=,is_confidential", {"filename": "world", "is_confidential": ""}),
        ("filename d29ybGQ= , alt  YQ", {"filename": "world", "alt": "a"}),
        ("filename ", {"filename": ""}),
        ("filename YS5wbmc,Filename Yi5wbmc=", {"filename": "a.png", "Filename": "b.png"}),
    ],
)
def test_forms_that_clients_send(sent: str, texts: dict[str, str]) -> None:
    assert parse_metadata(sent) == texts


@pytest.mark.parametrize(
    "sent",
    [
        ",",
        "filename d29ybGQ=,",
        ",filename d29ybGQ=",
        "filename d29ybGQ=,,alt YQ==",
        "filename d29ybGQ=,filename d29ybGQ=",
        "filename d29ybGQ= d29ybGQ=",
        "filename world!",
        "filename d29ybGQ==",
        "filename d",
        "filename =",
        "filename d29y-_GQ",
        "filename\td29ybGQ=",
        "dateiname\xe4 d29ybGQ=",
        "filename /w==",
        "filename 7aCA",
    ],
)
def test_malformed_ones_are_refused(sent: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_metadata(sent)


def test_a_long_one_is_refused_and_told_the_limit() -> None:
    pair = "a " + "YQ" * (MAX_HEADER_CHARACTERS // 2 - 1)
    assert len(pair) == MAX_HEADER_CHARACTERS
    assert parse_metadata(pair)
    with pytest.raises(InvalidRequest) as refused:
        parse_metadata(f"{pair}==")
    assert (refused.value.limit, refused.value.actual) == (
        MAX_HEADER_CHARACTERS,
        MAX_HEADER_CHARACTERS + 2,
    )
