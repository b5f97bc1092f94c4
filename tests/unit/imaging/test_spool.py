"""Append parts to a nameless file."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from open_event_uploads.imaging.spool import open_spool


@pytest.mark.parametrize("in_folder", [True, False])
def test_it_has_the_parts_and_their_digest(tmp_path: Path, *, in_folder: bool) -> None:
    parts = [str(number).encode() for number in range(2500)]
    with open_spool(tmp_path if in_folder else None, hashed=True) as spool:
        spool.append(parts)
        spool.append([])
        spool.append([b"", b"the end"])
        spool.seek(0)
        whole = spool.read()
        assert whole == b"".join(parts) + b"the end"
        assert spool.digest is not None
        assert spool.digest.digest() == hashlib.sha256(whole).digest()


def test_it_goes_on_where_the_system_writes_less_than_it_was_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def write_little(descriptor: int, parts: Sequence[bytes]) -> int:
        return os.write(descriptor, b"".join(parts)[:3])

    monkeypatch.setattr(os, "writev", write_little)
    with open_spool() as spool:
        spool.append([b"ab", b"", b"cdef"])
        spool.append([b"ghijkl"])
        spool.seek(0)
        assert spool.read() == b"abcdefghijkl"
