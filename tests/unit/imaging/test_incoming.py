"""Receive files in memory or on disk."""

import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.imaging.incoming import IncomingFile

LARGE = os.urandom(3 * 1024 * 1024)


def large() -> IncomingFile:
    return IncomingFile.receive(LARGE[n : n + 100_000] for n in range(0, len(LARGE), 100_000))


@pytest.mark.parametrize("content", [b"", b"x", LARGE], ids=len)
def test_it_gives_what_it_was_given(content: bytes) -> None:
    for file in (IncomingFile(content), IncomingFile.receive([content, b""])):
        with file:
            assert file.size == len(content)
            assert file.read() == b"".join(file) == file.reader().read() == content
            assert file.checksum == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_readers_do_not_disturb_each_other() -> None:
    with large() as file, file.reader() as one, file.reader() as other:
        assert one.read(10) == LARGE[:10]
        assert other.read(20) == LARGE[:20]
        assert one.read(10) == LARGE[10:20]
        assert one.seek(-5, io.SEEK_END) == len(LARGE) - 5
        assert one.read() == LARGE[-5:]


@given(st.lists(st.tuples(st.sampled_from([0, 1, 2]), st.integers(-(2**21), 2**22)), max_size=8))
def test_a_reader_of_a_large_file_behaves_as_one_of_a_small_file(
    moves: list[tuple[int, int]],
) -> None:
    with large() as file, file.reader() as found, io.BytesIO(LARGE) as expected:
        for whence, offset in moves:
            size = {0: 0, 1: expected.tell(), 2: len(LARGE)}[whence]
            if size + offset >= 0:
                assert found.seek(offset, whence) == expected.seek(offset, whence)
                assert found.read(1000) == expected.read(1000)


def test_a_large_file_has_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with large():
        assert list(tmp_path.iterdir()) == []


def test_what_fails_while_it_arrives_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    files: list[BinaryIO] = []
    make = tempfile.TemporaryFile

    def remembered(**options: Any) -> BinaryIO:  # noqa: ANN401 - the library's
        files.append(make(**options))
        return files[0]

    monkeypatch.setattr(tempfile, "TemporaryFile", remembered)

    def broken() -> Iterator[bytes]:
        yield LARGE
        raise RuntimeError

    with pytest.raises(RuntimeError):
        IncomingFile.receive(broken())
    assert [file.closed for file in files] == [True]
