"""Write parts into an open file at a position."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from open_event_uploads.positioned_write import write_parts


@pytest.fixture
def descriptor(tmp_path: Path) -> Iterator[int]:
    opened = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    yield opened
    os.close(opened)


@pytest.mark.parametrize("is_kept", [True, False])
def test_the_parts_are_behind_each_other_and_the_position_stays(
    descriptor: int, *, is_kept: bool
) -> None:
    os.write(descriptor, b"0123456789")
    parts = [str(number).encode() for number in range(2500)]
    whole = b"012" + b"".join(parts)
    assert write_parts(descriptor, parts, 3, is_kept=is_kept) == len(whole)
    assert write_parts(descriptor, [], 7, is_kept=is_kept) == 7
    assert os.lseek(descriptor, 0, os.SEEK_CUR) == 10
    assert os.pread(descriptor, len(whole) + 1, 0) == whole


def test_it_goes_on_where_the_system_writes_less_than_it_was_given(
    descriptor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pwrite, calls = os.pwrite, list[int]()

    def write_little(to: int, content: bytes, at: int) -> int:
        calls.append(at)
        return pwrite(to, bytes(content)[:3], at)

    def write_little_of(to: int, parts: Sequence[bytes], at: int) -> int:
        return write_little(to, b"".join(parts), at)

    monkeypatch.setattr(os, "pwritev", write_little_of)
    monkeypatch.setattr(os, "pwrite", write_little)
    assert write_parts(descriptor, [b"ab", b"", b"cdefgh"], 5, is_kept=True) == 13
    assert os.pread(descriptor, 20, 0) == b"\0" * 5 + b"abcdefgh"
    assert calls == [5, 8, 11]
