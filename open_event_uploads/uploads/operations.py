"""Several changes, or none of them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from types import SimpleNamespace
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from open_event_uploads.database.transaction import within, write_transaction
from open_event_uploads.errors import CommitOutcomeUnknown, UploadsError
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.create import add_upload, new_row
from open_event_uploads.uploads.fields import Values
from open_event_uploads.uploads.lease import check_lease
from open_event_uploads.uploads.model import Upload, find_upload
from open_event_uploads.uploads.processing import Processing
from open_event_uploads.uploads.quota import Ledger, count_bytes
from open_event_uploads.uploads.store import StoredFile, discard, store_file
from open_event_uploads.uploads.update import (
    Bytes,
    apply,
    check_bytes,
    check_new_lease,
    check_published,
    check_ready,
    holds,
    locked,
    moved,
)

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
        values: of its fields, by name: all of a new upload, of another those to change.
    """

    verb: str
    id: str | None = None
    lid: str | None = None
    content: IncomingFile | None = None
    values: Values = field(default_factory=dict)


def run_operations(  # noqa: PLR0913 - what, whose, and four collaborators
    operations: Sequence[Operation],
    *,
    owner_id: str | None,
    check: Callable[[Upload], None] = lambda _: None,
    present: Callable[[Upload], T],
    session: Session,
    storage: Storage,
    processing: Processing,
    before_commit: Callable[[list[T | None]], None] = lambda _: None,
) -> list[T | None]:
    """Run operations in order, in one transaction.

    All bytes are durable before it opens; whatever goes wrong, no row and no byte stays.

    Args:
        operations: in the order to run them.
        owner_id: whose the new uploads are; None for nobody's.
        check: is called with each upload before it is changed or removed; raises where that may
            not be.
        present: is called with each upload that was added or changed, as it is at that moment.
        session: has no transaction under way that matters; it is rolled back first.
        storage: where the bytes go.
        processing: how files that come in are processed.
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
    prepared: list[Bytes | None] = []
    preparation = _Preparation(session, storage, processing, check)
    run = _Run(session, owner_id, check, processing)
    try:
        pixels = 0
        for number, operation in enumerate(operations):
            with _numbered(number):
                bytes_ = preparation.bytes_for(operation)
                prepared.append(bytes_)
                pixels += bytes_.pixels if isinstance(bytes_, StoredFile) else 0
                # Together they may cost what one animation may.
                processing.policy.check_pixels_of_all(pixels)
        results: list[T | None] = []
        with write_transaction(session):
            for number, (operation, bytes_) in enumerate(zip(operations, prepared, strict=True)):
                with _numbered(number):
                    upload = run.step(operation, bytes_)
                    results.append(present(upload) if upload else None)
            before_commit(results)
            count_bytes(run.ledger, execute=within(session), policy=processing.policy)
    except CommitOutcomeUnknown:
        raise  # a row may name the objects: they are the sweeper's business
    except BaseException:
        for bytes_ in prepared:
            if bytes_:
                discard(bytes_.key, storage)
        raise
    for key in run.unowned:
        discard(key, storage)
    return results


@dataclass(frozen=True, slots=True)
class _Known:
    """The bytes that an upload has, as the operations before leave it.

    Args:
        key: where they are.
        status: whether they are handed out.
        visibility: who may see them.
        checksum: of what is served.
        received_checksum: of what was sent.
    """

    key: str = ""
    status: str = "ready"
    visibility: str = "public"
    checksum: str = ""
    received_checksum: str = ""


def _known_of(upload: Any) -> _Known:  # noqa: ANN401 - a row, or what is going to be one
    return _Known(*(getattr(upload, each.name) for each in fields(_Known)))


class _Preparation:
    """Makes durable what operations need, before their transaction opens.

    Args:
        session: to look up what uploads have.
        storage: where the bytes go.
        processing: how files that come in are processed.
        check: raises where an upload may not be changed: nothing is copied for whoever may not.
    """

    def __init__(
        self,
        session: Session,
        storage: Storage,
        processing: Processing,
        check: Callable[[Upload], None],
    ) -> None:
        self._session = session
        self._storage = storage
        self._processing = processing
        self._check = check
        # By both: a client may choose a `lid` that looks like an id.
        self._known: dict[tuple[str | None, str | None], _Known] = {}

    def bytes_for(self, operation: Operation) -> Bytes | None:
        """What one operation needs, if anything; operations are prepared in their order."""
        name = operation.id, operation.lid
        if operation.verb == "add":
            check_lease(operation.values.get("expires_at"))
            known = _Known()
        elif operation.content is None and "visibility" not in operation.values:
            return None
        else:
            known = self._known.get(name) or self._look_up(operation.id)
        visibility = str(operation.values.get("visibility", known.visibility))
        private = visibility == "private"
        if stored := self._stored(operation.content, known, private=private):
            self._known[name] = _known_of(SimpleNamespace(**stored.columns()))
            return stored
        if not known.key or visibility == known.visibility:
            return None
        check_ready(known)
        found = moved(known.key, private=private, session=self._session, storage=self._storage)
        self._known[name] = replace(known, key=found.key, visibility=visibility)
        return found

    def _stored(
        self, content: IncomingFile | None, known: _Known, *, private: bool
    ) -> StoredFile | None:
        if content is None or holds(known, content.checksum):
            return None
        return store_file(
            content, private=private, storage=self._storage, processing=self._processing
        )

    def _look_up(self, upload_id: str | None) -> _Known:
        upload = find_upload(upload_id, self._session) if upload_id else None
        # Out of the session first: a rollback would have it read again at its next use.
        self._session.expunge_all()
        self._session.rollback()
        if upload is None:
            return _Known()  # the transaction will say so
        self._check(upload)
        return _known_of(upload)


class _Run:
    """One run's steps, inside its transaction.

    Args:
        session: of the transaction.
        owner_id: whose the new uploads are.
        check: raises where an upload may not be changed.
        processing: says how long new uploads are kept.
    """

    def __init__(
        self,
        session: Session,
        owner_id: str | None,
        check: Callable[[Upload], None],
        processing: Processing,
    ) -> None:
        self.unowned: list[str] = []  # keys of objects that no row will name
        self.ledger = Ledger()
        self._session = session
        self._owner_id = owner_id
        self._check = check
        self._processing = processing
        self._ids: dict[str, str] = {}

    def step(self, operation: Operation, bytes_: Bytes | None) -> Upload | None:
        """Run one operation; returns the upload that was made or changed, if any."""
        if operation.verb == "add" and isinstance(bytes_, StoredFile):
            return self._add(operation, bytes_)
        upload = locked(operation.id or self._ids[operation.lid or ""], self._session)
        self._check(upload)
        if operation.verb == "remove":
            self.unowned.append(upload.key)
            self.ledger.note(upload.owner_id, removed=upload.size)
            self._session.delete(upload)
            self._session.flush()
            return None
        return upload if self._update(upload, operation, bytes_) else None

    def _add(self, operation: Operation, stored: StoredFile) -> Upload:
        row = new_row(
            stored, operation.values, owner_id=self._owner_id, lease=self._processing.lease
        )
        upload = Upload(**row)
        self.ledger.note(upload.owner_id, added=upload.size)
        add_upload(upload, self._session)
        if operation.lid is not None:
            self._ids[operation.lid] = upload.id
        return upload

    def _update(self, upload: Upload, operation: Operation, bytes_: Bytes | None) -> bool:
        check_published(upload, operation.values, replaces=bytes_ is not None)
        check_new_lease(upload, operation.values)
        check_bytes(upload, bytes_, operation.values)
        if bytes_:
            self.unowned.append(upload.key)
        if isinstance(bytes_, StoredFile):
            self.ledger.note(upload.owner_id, added=bytes_.size, removed=upload.size)
        changed = apply(upload, operation.values, bytes_)
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
