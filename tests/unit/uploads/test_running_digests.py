"""Digests that are kept from one request to the next."""

import hashlib

import pytest

from open_event_uploads.uploads.resumable import running_digests
from open_event_uploads.uploads.resumable.running_digests import RunningDigests


def test_a_digest_goes_on_where_it_was() -> None:
    digests = RunningDigests()
    begun = digests.take("a", 0)
    assert begun is not None
    begun.update(b"abc")
    digests.keep("a", 3, begun)
    # Its request may go on, and fail.
    begun.update(b"lost")
    found = digests.take("a", 3)
    assert found is not None
    found.update(b"de")
    assert found.hexdigest() == hashlib.sha256(b"abcde").hexdigest()


def test_bytes_that_the_process_has_not_seen_have_no_digest() -> None:
    digests = RunningDigests()
    digests.keep("a", 3, hashlib.sha256(b"abc"))
    assert digests.take("a", 4) is None
    assert digests.take("b", 3) is None
    assert digests.take("a", 3) is not None
    # One request at a time computes it.
    assert digests.take("a", 3) is None


def test_the_digests_that_were_kept_first_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_digests, "_MAX_DIGESTS", 2)
    digests = RunningDigests()
    for name in "abc":
        digests.keep(name, 1, hashlib.sha256(b"a"))
    assert [digests.take(name, 1) is not None for name in "abc"] == [False, True, True]
