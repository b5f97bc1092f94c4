"""Send files to a decoder, and accept only valid answers."""

import errno
import fcntl
import os
import resource

import pytest

from open_event_uploads.imaging.decoder.pool import DecoderPool
from open_event_uploads.imaging.decoder.process import _open_for_reading
from open_event_uploads.imaging.formats import MEDIA_TYPES
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.imaging.spool import open_spool
from tests.images import noise

POLICY = FilePolicy(MEDIA_TYPES, 100_000_000, 50_000_000)
LONG = noise((1400, 1400), quality=98)


def test_a_thread_that_waits_for_an_answer_is_woken_once() -> None:
    pool, file = DecoderPool(1), IncomingFile(noise((64, 64)))
    jobs = 50
    try:
        pool.inspect(file, POLICY)  # it is started
        before = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw
        for _ in range(jobs):
            pool.inspect(file, POLICY)
        waits = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw - before
    finally:
        pool.close()
    assert waits < 1.5 * jobs  # with one connection for both directions, two each


def test_whoever_looks_at_a_file_cannot_change_it() -> None:
    assert len(LONG) > 1024 * 1024  # else it would go in the message
    spool = open_spool()
    spool.append([LONG])
    for file in (IncomingFile(spool), IncomingFile(LONG)):
        with file:
            shared = _open_for_reading(file)
            assert shared is not None
            assert fcntl.fcntl(shared, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
            assert os.pread(shared, len(LONG), 0) == LONG
            os.close(shared)


@pytest.mark.parametrize("name", ["memfd_create", "open"])
def test_where_no_memory_can_be_shared_the_file_goes_as_it_is(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    pool = DecoderPool(1)
    try:
        pool.inspect(IncomingFile(noise((64, 64))), POLICY)  # it is started

        def fails(*_: object) -> int:
            raise OSError(errno.EMFILE, "too many open files")

        monkeypatch.setattr(os, name, fails)
        assert pool.inspect(IncomingFile(LONG), POLICY).width == 1400
        assert len(pool.pids()) == 1
    finally:
        monkeypatch.undo()
        pool.close()
