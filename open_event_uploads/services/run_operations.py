"""Several changes, or none of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy.orm import Session

from open_event_uploads.errors import CommitOutcomeUnknown, UploadsError
from open_event_uploads.media.incoming import IncomingFile
from open_event_uploads.media.treatment import Treatment
from open_event_uploads.models import Upload
from open_event_uploads.models.transaction import write_transaction
from open_event_uploads.services.count_bytes import Ledger, count_bytes
from open_event_uploads.services.create_upload import new_upload
from open_event_uploads.services.store_file import StoredFile, discard, store_file
from open_event_uploads.services.update_upload import apply, holds, locked
from open_event_uploads.storage import Storage

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Operation:
    """One change.

    Args:
        verb: `add`, `update` or `remove`.
        id: of the upload to change.
        lid: the name that an `add` gives its upload, if any; the others know it by this where
            they have no id.
        content: the new file, or None.
        changes: values of `filename` and `alt`.
    """

    verb: str
    id: str | None = None
    lid: str | None = None
    content: IncomingFile | None = None
    changes: Mapping[str, str] = field(default_factory=dict)


def run_operations(  # noqa: PLR0913 - what, whose, and four collaborators
    operations: Sequence[Operation],
    *,
    owner_id: str | None,
    present: Callable[[Upload], T],
    session: Session,
    storage: Storage,
    treatment: Treatment,
    before_commit: Callable[[list[T | None]], None] = lambda _: None,
) -> list[T | None]:
    """Run operations in order, in one transaction.

    All bytes are durable before it opens; whatever goes wrong, no row and no byte stays.

    Args:
        operations: in the order to run them.
        owner_id: whose the new uploads are; None for nobody's.
        present: is called with each upload that was added or changed, as it is at that moment.
        session: has no transaction under way that matters; it is rolled back first.
        storage: where the bytes go.
        treatment: what is done with files that come in.
        before_commit: is called with the results in the transaction that makes them.

    Returns:
        What `present` made of each upload; None for one that was removed, or that was as it
        should become already.

    Raises:
        UploadsError: the first that an operation raised, with its number in `operation`.
        QuotaExceeded, DailyQuotaExceeded: all together are too many bytes for a user; no single
            operation is at fault.
    """
    session.rollback()
    images: list[StoredFile | None] = []
    run = _Run(session, owner_id)
    try:
        pixels = 0
        for number, operation in enumerate(operations):
            with _numbered(number):
                images.append(_stored(operation, storage, treatment))
                pixels += images[-1].pixels if images[-1] else 0
                # Together they may cost what one animation may.
                treatment.policy.check_pixels_of_all(pixels)
        results: list[T | None] = []
        with write_transaction(session):
            for number, (operation, image) in enumerate(zip(operations, images, strict=True)):
                with _numbered(number):
                    upload = run.step(operation, image)
                    results.append(present(upload) if upload else None)
            before_commit(results)
            count_bytes(run.ledger, session=session, policy=treatment.policy)
    except CommitOutcomeUnknown:
        raise  # a row may name the objects: they are the sweeper's business
    except BaseException:
        for image in images:
            if image:
                discard(image.key, storage)
        raise
    for key in run.unowned:
        discard(key, storage)
    return results


def _stored(operation: Operation, storage: Storage, treatment: Treatment) -> StoredFile | None:
    if operation.content is None:
        return None
    return store_file(operation.content, storage=storage, treatment=treatment)


class _Run:
    """One run's steps, inside its transaction.

    Args:
        session: of the transaction.
        owner_id: whose the new uploads are.
    """

    def __init__(self, session: Session, owner_id: str | None) -> None:
        self.unowned: list[str] = []  # keys of objects that no row will name
        self.ledger = Ledger()
        self._session = session
        self._owner_id = owner_id
        self._ids: dict[str, str] = {}

    def step(self, operation: Operation, image: StoredFile | None) -> Upload | None:
        """Run one operation; returns the upload that was made or changed, if any."""
        if operation.verb == "add" and image:
            return self._add(operation, image)
        upload = locked(operation.id or self._ids[operation.lid or ""], self._session)
        if operation.verb == "remove":
            self.unowned.append(upload.key)
            self.ledger.note(upload.owner_id, removed=upload.size)
            self._session.delete(upload)
            self._session.flush()
            return None
        return upload if self._update(upload, operation, image) else None

    def _add(self, operation: Operation, image: StoredFile) -> Upload:
        upload = new_upload(image, owner_id=self._owner_id, **operation.changes)
        self.ledger.note(upload.owner_id, added=upload.size)
        self._session.add(upload)
        self._session.flush()
        if operation.lid is not None:
            self._ids[operation.lid] = upload.id
        return upload

    def _update(self, upload: Upload, operation: Operation, image: StoredFile | None) -> bool:
        if image and holds(upload, image.received_checksum):
            self.unowned.append(image.key)  # the same bytes again are no change
            image = None
        if image:
            self.unowned.append(upload.key)
            self.ledger.note(upload.owner_id, added=image.size, removed=upload.size)
        changed = apply(upload, operation.changes, image)
        self._session.flush()
        return changed


@contextmanager
def _numbered(number: int) -> Iterator[None]:
    """Say which operation failed."""
    try:
        yield
    except UploadsError as error:
        error.operation = number
        raise
