"""An upload changes: its description, its bytes, or both."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from open_event_uploads.database.transaction import within, write_transaction
from open_event_uploads.errors import (
    ChangedMeanwhile,
    NotFound,
    NotReady,
    ObjectNotFound,
    PreconditionFailed,
    StorageUnavailable,
)
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.policy import Policy
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.fields import FIELDS, Values
from open_event_uploads.uploads.lease import check_lease
from open_event_uploads.uploads.model import UNPUBLISHED, Upload, find_upload
from open_event_uploads.uploads.processing import Processing
from open_event_uploads.uploads.quota import Ledger, count_bytes
from open_event_uploads.uploads.store import (
    MovedFile,
    StoredFile,
    discard,
    discarded_on_failure,
    move_file,
    store_file,
    visibility_of,
)

Bytes = StoredFile | MovedFile

_CHANGED = "The upload was replaced or moved meanwhile; ask again."


class HasBytes(Protocol):
    """Whatever says which bytes it has."""

    @property
    def status(self) -> str:
        """Whether they are handed out."""

    @property
    def checksum(self) -> str:
        """Of what is served."""

    @property
    def received_checksum(self) -> str:
        """Of what was sent."""


def update_upload(  # noqa: PLR0913 - what, how, and three collaborators
    upload: Upload,
    *,
    content: IncomingFile | None = None,
    changes: Values,
    versions: frozenset[int] | None = None,
    session: Session,
    storage: Storage,
    processing: Processing,
) -> Upload:
    """Change an upload in one transaction.

    The same bytes again are no change. Other bytes get a new key, and so a new URL; so does a
    change of who may see them. The old ones are removed once the change is durable.

    Args:
        upload: as it was read.
        content: the new file, or None to keep the present one.
        changes: what else is wished.
        versions: the upload must be one of these; None for any.
        session: has no transaction under way that matters; it is rolled back first.
        storage: where the bytes go.
        processing: how files that come in are processed.

    Returns:
        The upload as it is now.

    Raises:
        NotFound: it was deleted meanwhile, or its lease ended.
        InvalidAttribute: its lease could not be that; nothing has changed.
        NotReady: it has no bytes that could be moved, or none yet; nothing has changed.
        PreconditionFailed: it is another version; nothing has changed.
        ChangedMeanwhile: its bytes became others while they were being moved; nothing has changed.
        RefusedFile: the new bytes are not acceptable; nothing has changed.
        QuotaExceeded, DailyQuotaExceeded: they are too many for the owner; nothing has changed.
        StorageFull, StorageUnavailable, DatabaseUnavailable: nothing has changed.
    """
    # No transaction is open while bytes move; a rollback would have the row read again at its
    # next use.
    session.expunge_all()
    session.rollback()
    check_version(upload, versions)
    check_published(upload, changes, replaces=content is not None)
    check_new_lease(upload, changes)
    visibility = changes.get("visibility", upload.visibility)
    private = visibility == "private"
    bytes_: Bytes | None = None
    if content is not None and not holds(upload, content.checksum):
        bytes_ = store_file(content, private=private, storage=storage, processing=processing)
    elif visibility != upload.visibility:
        check_ready(upload)
        bytes_ = moved(upload.key, private=private, session=session, storage=storage)
    if bytes_ is None and not _differing(upload, changes):
        return upload
    return _write(
        upload.id,
        changes,
        bytes_,
        versions,
        session=session,
        storage=storage,
        policy=processing.policy,
    )


def moved(key: str, *, private: bool, session: Session, storage: Storage) -> MovedFile:
    """Give an upload's bytes another key.

    Raises:
        ChangedMeanwhile: another request has done so first.
        StorageUnavailable: they are lost.
    """
    try:
        return move_file(key, private=private, storage=storage)
    except ObjectNotFound:
        still = session.scalar(select(Upload.id).where(Upload.key == key))
        session.rollback()
        if still is None:
            raise ChangedMeanwhile(_CHANGED) from None
        raise StorageUnavailable("The file's bytes are missing.") from None


def holds(upload: HasBytes, checksum: str) -> bool:
    """Whether an upload's bytes are these: as they were sent, or as they are served.

    What is quarantined holds nothing: the same bytes again heal it.
    """
    return upload.status == "ready" and checksum in {upload.received_checksum, upload.checksum}


def check_ready(upload: HasBytes) -> None:
    """Make sure that an upload has bytes to move, or to show to anybody.

    Raises:
        NotReady: it has none.
    """
    if upload.status != "ready":
        raise NotReady(f"The upload is {upload.status}; send its file again first.")


def check_published(upload: Upload, changes: Values, *, replaces: bool) -> None:
    """Make sure that a direct upload that is not published is only described anew.

    What it waits until is no lease, and it has no bytes to replace or to move.

    Args:
        upload: as it is.
        changes: what is wished.
        replaces: whether other bytes are, too.

    Raises:
        NotReady: it is not published, and more is wished.
    """
    waiting = {
        each.name: changes[each.name] for each in FIELDS if each.waits and each.name in changes
    }
    if upload.status in UNPUBLISHED and (replaces or _differing(upload, waiting)):
        free = ", ".join(f"`{each.attribute}`" for each in FIELDS if not each.waits)
        raise NotReady(f"The upload is {upload.status}; until it is published only {free} change.")


def check_new_lease(upload: Upload, changes: Values) -> None:
    """Judge the end of a lease, unless it is the one that the upload has.

    Raises:
        InvalidAttribute: it could not be that.
    """
    expires_at = changes.get("expires_at")
    if isinstance(expires_at, datetime) and expires_at != upload.expires_at:
        check_lease(expires_at)


def check_version(upload: Upload, versions: frozenset[int] | None) -> None:
    """Make sure that a client knows what it is about to change (RFC 9110, section 13.1.1).

    Raises:
        PreconditionFailed: the upload is at another version than these; None allows any.
    """
    if versions is not None and upload.version not in versions:
        raise PreconditionFailed(
            "The upload has changed since the version that If-Match names.", header="If-Match"
        )


def check_bytes(upload: Upload, bytes_: Bytes | None, changes: Values) -> None:
    """Make sure that what was made durable for an upload still fits it.

    Without this, a file that somebody makes private while another replaces its bytes would be
    public again.

    Args:
        upload: as it is in this transaction.
        bytes_: what it is to have; None for what it has.
        changes: what else is wished.

    Raises:
        ChangedMeanwhile: it was replaced or moved since.
    """
    becomes = visibility_of(bytes_.key) if bytes_ else upload.visibility
    moved_from = bytes_.source if isinstance(bytes_, MovedFile) else upload.key
    if becomes != changes.get("visibility", upload.visibility) or moved_from != upload.key:
        raise ChangedMeanwhile(_CHANGED)


def _differing(upload: Upload, values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if getattr(upload, name) != value}


def _write(  # noqa: PLR0913 - as `update_upload`
    upload_id: str,
    changes: Values,
    bytes_: Bytes | None,
    versions: frozenset[int] | None,
    *,
    session: Session,
    storage: Storage,
    policy: Policy,
) -> Upload:
    with discarded_on_failure(bytes_.key if bytes_ else None, storage), write_transaction(session):
        current = locked(upload_id, session)
        check_version(current, versions)
        check_published(current, changes, replaces=bytes_ is not None)
        old_key, ledger = current.key, Ledger()
        if isinstance(bytes_, StoredFile):
            ledger = Ledger.of(current.owner_id, added=bytes_.size, removed=current.size)
        check_bytes(current, bytes_, changes)
        apply(current, changes, bytes_)
        session.flush()
        count_bytes(ledger, execute=within(session), policy=policy)
    if bytes_:
        discard(old_key, storage)
    return current


def locked(upload_id: str, session: Session) -> Upload:
    """The upload as it is in this transaction, which nobody else can change until it ends.

    Raises:
        NotFound: there is none, or its lease is over: the sweeper may be about to remove it.
    """
    found = find_upload(upload_id, session, populate_existing=True, with_for_update=True)
    if found is None:
        raise NotFound("There is no such upload.")
    return found


def apply(upload: Upload, changes: Values, bytes_: Bytes | None) -> bool:
    """Set what differs, so that no change is no new version; returns whether anything did."""
    # What is said of the bytes is said by their key, visibility included.
    described = {name: value for name, value in changes.items() if name != "visibility"}
    columns = {**described, **(bytes_.columns() if bytes_ else {})}
    differing = _differing(upload, columns)
    for name, value in differing.items():
        setattr(upload, name, value)
    return bool(differing)
