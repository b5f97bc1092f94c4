"""Files that are taken out of a long document before it is read."""

import json
import mmap
import os
import tempfile
from collections.abc import Iterator
from typing import Any

import pybase64
import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.errors import UploadsError
from open_event_uploads.imaging import data_uri
from open_event_uploads.imaging.data_uri import decode_data_uri, decode_strictly
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.jsonapi import embedded_files, json_text
from open_event_uploads.jsonapi.json_text import decode
from tests.cpu_time import within_cpu_time

FILE = os.urandom(100_000)
BASE64 = pybase64.b64encode(FILE).decode()
URI = f"data:image/png;base64,{BASE64}"


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_short() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded_files, "LONG_BYTES", 8)
        patch.setattr(json_text, "LONG_BYTES", 8)
        patch.setattr(embedded_files, "_SEARCHED_AT_ONCE_BYTES", 50)
        yield


def plain(node: Any) -> Any:  # noqa: ANN401 - whatever JSON can be
    """A document with its files as bytes, however they were read."""
    if isinstance(node, dict):
        return {name: plain(child) for name, child in node.items()}
    if isinstance(node, list):
        return [plain(child) for child in node]
    if isinstance(node, IncomingFile):
        return node.read()
    try:
        return decode_data_uri(node, max_bytes=10**9) if isinstance(node, str) else node
    except UploadsError:
        return node


def outcome(read: Any, body: bytes) -> object:  # noqa: ANN401 - a function
    try:
        return plain(read(body))
    except UploadsError as error:
        return type(error), error.detail


def test_a_file_is_decoded_where_it_stands() -> None:
    document = {"data": {"type": "uploads", "attributes": {"data": URI, "alt": "x"}}}
    found = decode(json.dumps(document).encode())
    assert isinstance(found, dict)
    file = found["data"]["attributes"].pop("data")
    assert isinstance(file, IncomingFile)
    assert file.read() == FILE
    assert found == {"data": {"type": "uploads", "attributes": {"alt": "x"}}}


def test_several_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_uri, "_AT_ONCE_CHARACTERS", 100)
    monkeypatch.setattr(data_uri, "_PART_CHARACTERS", 1000)
    found = decode(json.dumps([{"data": URI}, {"data": {"data": URI}}, URI]).encode())
    assert isinstance(found, list)
    assert [type(found[0]["data"]), type(found[1]["data"]["data"])] == [IncomingFile] * 2
    assert found[2] == URI
    assert plain(found) == [{"data": FILE}, {"data": {"data": FILE}}, FILE]


def test_what_waits_in_a_file_is_read_there() -> None:
    body = json.dumps({"data": URI}).encode()
    with tempfile.TemporaryFile() as file:
        file.write(body)
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            assert plain(decode(mapped)) == {"data": FILE}
            assert mapped[:] == body


@pytest.mark.parametrize(
    "body",
    [
        '{"data":"data:image/png;base64,aGFsbG8gaGFsbG8\\u003d"}',
        '{"data":"data:image/png;base64,aGFsbG8\\/aGFsbG8="}',
        '{"data":"data:image/png;base64,aGFsbG8gaGFsbG8="}',
        '{"data":"data:image/png;base64,aGFsbG8gaGFsbG8=","data":1}',
        '{"data":"data:image/png;base64,aGFsbG8gaGFsbG8=","data":"data:;base64,aGFsbG8gaGFsbG8="}',
        '{"data":"data:image/png;base64,aGFsbG8gaGFsbG8"}',
        '{"data":"data:image/png;base64,aGFsbG8 gaGFsbG8"}',
        '{"data":"data:image/png;base64,aGFsbG8\ngaGFsbG8"}',
        '{"data":"data:image/png;base64,aGFsbG8gaGFsbG8=aGFs"}',
        '{"data":"data:image/png;base64,aGFsbG8gaGFsbG8éaGFs"}',
        '{"data":"data:image/png;base64,aGFsbG8gaGFsbG8=',
        '{"data":"data:image/png;base64,aGFsbG8gaGFsbG8="',
        '{"data":"data:image/png;base64,aGFsbG8gaGFsbG8="}x',
        '{"data" "data:image/png;base64,aGFsbG8gaGFsbG8="}',
        '"data":"data:image/png;base64,aGFsbG8gaGFsbG8="',
        '{"x\\"data":"data:image/png;base64,aGFsbG8gaGFsbG8="}',
        '{"x":"\\"data\\":\\"data:image/png;base64,aGFsbG8gaGFsbG8=\\""}',
        '{"x\\"data":"data:;base64,aGFsbG8gaGFsbG8=","data":"data:;base64,aGFsbG8gaGFsbG8="}',
        '{"data":["data:;base64,aGFsbG8gaGFsbG8="],"data:;base64,aGFsbG8gaGFsbG8=":"data"}',
        '{"data":"' + "a" * 100 + '"}',
        '{"data":"data:image/png,aGFsbG8gaGFsbG8="}',
    ],
)
def test_nothing_is_read_in_another_way(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = body.encode()
    lifted = outcome(decode, text)
    monkeypatch.setattr(json_text, "LONG_BYTES", 10**9)
    assert lifted == outcome(decode, text)


@given(
    st.recursive(
        st.none() | st.text(max_size=20) | st.binary(max_size=40),
        lambda each: (
            st.lists(each, max_size=3)
            | st.dictionaries(st.sampled_from(["data", "attributes", "a"]), each)
        ),
        max_leaves=12,
    ),
    st.data(),
)
def test_any_document_is_read_alike(document: object, data: st.DataObject) -> None:
    text = json.dumps(
        document, default=lambda each: f"data:;base64,{pybase64.b64encode(each).decode()}"
    )
    body = bytearray(text.encode())
    for _ in range(data.draw(st.integers(0, 2))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + 1] = data.draw(
            st.sampled_from([b"", b'"', b"\\", b"=", b"{", b"\n", b"\xff"])
        )
        if not body:
            return
    lifted = outcome(decode, bytes(body))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_text, "LONG_BYTES", 10**9)
        assert lifted == outcome(decode, bytes(body))


@given(
    st.binary(max_size=60), st.sampled_from(["", "=", "==", "QQ==", " ", "-"]), st.integers(0, 9)
)
def test_in_parts_as_at_once(content: bytes, between: str, place: int) -> None:
    text = pybase64.b64encode(content).decode()
    payload = memoryview(f"{text[: place * 4]}{between}{text[place * 4 :]}".encode())
    with pytest.MonkeyPatch.context() as patch:
        at_once = decode_strictly(payload)
        patch.setattr(data_uri, "_AT_ONCE_CHARACTERS", 0)
        patch.setattr(data_uri, "_PART_CHARACTERS", 8)
        parts = decode_strictly(payload)
    assert (at_once and at_once.read()) == (parts and parts.read())


def test_many_short_ones_cost_no_more_than_their_text() -> None:
    body = b'{"a":[' + b'{"data":"data:;base64,"},' * 80_000 + b"0]}"
    # With a copy of a mebibyte for each it took two seconds; 80,000 matches take 0.1.
    assert not within_cpu_time(1, lambda: embedded_files.ExtractedFiles(body))
