"""Marks stand where a thread waits, so that another one works meanwhile."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine

from open_event_uploads.blocking import BLOCKING
from open_event_uploads.database.sqlite import configure_sqlite
from open_event_uploads.database.write import write
from open_event_uploads.errors import StorageUnavailable
from open_event_uploads.imaging.decoder.pool import DecoderPool
from open_event_uploads.imaging.formats import MEDIA_TYPES
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.storage.flush import flush_file, flush_folder
from open_event_uploads.storage.s3_errors import translate_s3_errors
from tests.blocked import counted
from tests.images import picture


def test_a_mark_inside_another_changes_nothing() -> None:
    with counted() as blocked:
        with BLOCKING:
            with BLOCKING:
                pass
            assert (blocked.begun, blocked.ended) == (1, 0)
        assert (blocked.begun, blocked.ended) == (1, 1)


def test_a_mark_outside_a_pool_does_nothing() -> None:
    with BLOCKING:
        assert BLOCKING.thread is None


def test_a_flush_is_marked(tmp_path: Path) -> None:
    with counted() as blocked, (tmp_path / "file").open("wb") as file:
        flush_file(file.fileno())
        flush_folder(tmp_path)
    assert blocked.begun == 2


def test_a_write_to_sqlite_is_marked_once(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/database")
    configure_sqlite(engine, read_only=False)
    with counted() as blocked:
        assert write(engine, lambda _: 3) == 3
    engine.dispose()
    assert blocked.begun == 1


def test_the_answer_of_a_decoder_is_marked() -> None:
    pool = DecoderPool(1)
    with counted() as blocked, IncomingFile(picture()) as file:
        pool.inspect(file, FilePolicy(MEDIA_TYPES, 1_000_000, 1_000_000))
    pool.close()
    assert blocked.begun == 1


def test_a_call_of_s3_is_marked_when_it_fails_too() -> None:
    with counted() as blocked, pytest.raises(StorageUnavailable), translate_s3_errors("key"):
        raise OSError
    assert blocked.begun == 1
