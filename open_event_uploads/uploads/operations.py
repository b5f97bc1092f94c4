"""Run several changes of uploads, or none of them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Engine

from open_event_uploads.database.statement import Execute
from open_event_uploads.errors import CommitOutcomeUnknown, UploadsError
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.changes import (
    NewBytes,
    apply_change,
)
from open_event_uploads.uploads.create import new_columns
from open_event_uploads.uploads.model import UploadColumns, UploadRow
from open_event_uploads.uploads.operation import Operation, Preparation
from open_event_uploads.uploads.processing import Processing
from open_event_uploads.uploads.rows import UploadRows, write_uploads
from open_event_uploads.uploads.store import StoredFile, discard

T = TypeVar("T")


def run_operations(  # noqa: PLR0913 - what, whose, and four collaborators
    operations: Sequence[Operation],
    *,
    owner_id: str | None,
    check: Callable[[UploadColumns], None] = lambda _: None,
    present: Callable[[UploadRow], T],
    engine: Engine,
    storage: Storage,
    processing: Processing,
    before_commit: Callable[[Execute, list[T | None]], None] | None = None,
) -> list[T | None]:
    """Run operations in order, in one transaction.

    All bytes are durable before it opens; whatever goes wrong, no row and no byte stays.

    Args:
        operations: in the order to run them.
        owner_id: whose the new uploads are; None for no owner.
        check: is called with each upload before it is changed or removed; raises where that may
            not be.
        present: is called with each upload that was added or changed, as it is at that moment.
        engine: of the database.
        storage: where the bytes go.
        processing: how new files are processed.
        before_commit: is called in the write, with what runs statements there and with the results.

    Returns:
        What `present` made of each upload; None for one that was removed, or that was as it
        should become already.

    Raises:
        UploadsError: the first that an operation raised, with its number in `operation`.
        QuotaExceeded, DailyQuotaExceeded: all together are too many bytes for a user; no single
            operation is at fault.
    """
    prepared: list[NewBytes | None] = []

    def step(rows: UploadRows) -> tuple[list[T | None], list[str]]:
        run = _Run(rows, owner_id, check, processing)
        results: list[T | None] = []
        for number, (operation, new_bytes) in enumerate(zip(operations, prepared, strict=True)):
            with _with_number(number):
                upload = run.step(operation, new_bytes)
                results.append(present(upload) if upload else None)
        if before_commit is not None:
            before_commit(rows.execute, results)
        return results, run.unowned

    try:
        _prepare(operations, prepared, Preparation(engine, storage, processing, check))
        results, unowned = write_uploads(engine, step, policy=processing.policy)
    except CommitOutcomeUnknown:
        raise  # a row may name the objects: an orphan is left to the sweeper
    except BaseException:
        for new_bytes in prepared:
            if new_bytes:
                discard(new_bytes.key, storage)
        raise
    for key in unowned:
        discard(key, storage)
    return results


def _prepare(
    operations: Sequence[Operation], prepared: list[NewBytes | None], preparation: Preparation
) -> None:
    """Make durable what operations need, and add it to a list, one for each."""
    pixels = 0
    for number, operation in enumerate(operations):
        with _with_number(number):
            new_bytes = preparation.bytes_for(operation)
            prepared.append(new_bytes)
            pixels += new_bytes.pixels if isinstance(new_bytes, StoredFile) else 0
            # Together they may cost what one animation may.
            preparation.processing.policy.check_pixels_of_all(pixels)


class _Run:
    """One run's steps, within its write.

    Args:
        rows: of the write.
        owner_id: whose the new uploads are.
        check: raises where an upload may not be changed.
        processing: has the lease of new uploads.
    """

    def __init__(
        self,
        rows: UploadRows,
        owner_id: str | None,
        check: Callable[[UploadColumns], None],
        processing: Processing,
    ) -> None:
        self.unowned: list[str] = []  # keys of objects that no row will name
        self._rows = rows
        self._owner_id = owner_id
        self._check = check
        self._processing = processing
        self._ids: dict[str, str] = {}

    def step(self, operation: Operation, new_bytes: NewBytes | None) -> UploadRow | None:
        """Run one operation, and return the upload that it added or changed, if any."""
        if operation.verb == "add" and isinstance(new_bytes, StoredFile):
            return self._add(operation, new_bytes)
        upload = self._rows.lock(operation.id or self._ids[operation.lid or ""])
        self._check(upload)
        if operation.verb == "remove":
            self.unowned.append(upload.key)
            self._rows.delete(upload)
            return None
        if new_bytes:
            self.unowned.append(upload.key)
        changed = apply_change(self._rows, upload, operation.values, new_bytes)
        return None if changed is upload else changed

    def _add(self, operation: Operation, stored: StoredFile) -> UploadRow:
        columns = new_columns(
            stored, operation.values, owner_id=self._owner_id, lease=self._processing.lease
        )
        upload = self._rows.insert(columns)
        if operation.lid is not None:
            self._ids[operation.lid] = upload.id
        return upload


@contextmanager
def _with_number(number: int) -> Iterator[None]:
    """Name in an error the operation that failed."""
    try:
        yield
    except UploadsError as error:
        error.operation = number
        raise
