"""Append parts to a nameless file."""

import hashlib
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
