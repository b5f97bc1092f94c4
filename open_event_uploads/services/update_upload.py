"""An upload changes: its description, its bytes, or both."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from open_event_uploads.errors import NotFound, PreconditionFailed
from open_event_uploads.media.incoming import IncomingFile
from open_event_uploads.media.policy import Policy
from open_event_uploads.media.treatment import Treatment
from open_event_uploads.models import Upload
from open_event_uploads.models.transaction import write_transaction
from open_event_uploads.services.count_bytes import Ledger, count_bytes
from open_event_uploads.services.store_file import (
    StoredFile,
    discard,
    discarded_on_failure,
    store_file,
)
from open_event_uploads.storage import Storage


def update_upload(  # noqa: PLR0913 - what, how, and three collaborators
    upload: Upload,
    *,
    content: IncomingFile | None = None,
    changes: Mapping[str, str],
    versions: frozenset[int] | None = None,
    session: Session,
    storage: Storage,
    treatment: Treatment,
) -> Upload:
    """Change an upload in one transaction.

    The same bytes again are no change. Other bytes get a new key, and so a new URL; the old ones
    are removed once the change is durable.

    Args:
        upload: as it was read.
        content: the new file, or None to keep the present one.
        changes: new values of `filename` and `alt`.
        versions: the upload must be one of these; None for any.
        session: has no transaction under way that matters; it is rolled back first.
        storage: where the bytes go.
        treatment: what is done with files that come in.

    Returns:
        The upload as it is now.

    Raises:
        NotFound: it was deleted meanwhile.
        PreconditionFailed: it is another version; nothing has changed.
        RefusedFile: the new bytes are not acceptable; nothing has changed.
        QuotaExceeded, DailyQuotaExceeded: they are too many for the owner; nothing has changed.
        StorageFull, StorageUnavailable, DatabaseUnavailable: nothing has changed.
    """
    # No transaction is open while bytes move; a rollback would have the row read again at its
    # next use.
    session.expunge_all()
    session.rollback()
    check_version(upload, versions)
    if content is None or holds(upload, content.checksum):
        image = None
    else:
        image = store_file(content, storage=storage, treatment=treatment)
    if image is None and not _differing(upload, changes):
        return upload
    return _write(
        upload.id,
        changes,
        image,
        versions,
        session=session,
        storage=storage,
        policy=treatment.policy,
    )


def holds(upload: Upload, checksum: str) -> bool:
    """Whether an upload's bytes are these: as they were sent, or as they are served."""
    return checksum in {upload.received_checksum, upload.checksum}


def check_version(upload: Upload, versions: frozenset[int] | None) -> None:
    """Make sure that a client knows what it is about to change (RFC 9110, section 13.1.1).

    Raises:
        PreconditionFailed: the upload is at another version than these; None allows any.
    """
    if versions is not None and upload.version not in versions:
        raise PreconditionFailed(
            "The upload has changed since the version that If-Match names.", header="If-Match"
        )


def _differing(upload: Upload, values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if getattr(upload, name) != value}


def _write(  # noqa: PLR0913 - as `update_upload`
    upload_id: str,
    changes: Mapping[str, str],
    image: StoredFile | None,
    versions: frozenset[int] | None,
    *,
    session: Session,
    storage: Storage,
    policy: Policy,
) -> Upload:
    with discarded_on_failure(image.key if image else None, storage), write_transaction(session):
        current = locked(upload_id, session)
        check_version(current, versions)
        old_key, old_size = current.key, current.size
        apply(current, changes, image)
        session.flush()
        ledger = Ledger.of(current.owner_id, added=image.size, removed=old_size) if image else None
        count_bytes(ledger or Ledger(), session=session, policy=policy)
    if image:
        discard(old_key, storage)
    return current


def locked(upload_id: str, session: Session) -> Upload:
    """The upload as it is in this transaction, which nobody else can change until it ends.

    Raises:
        NotFound: there is none.
    """
    found = session.get(Upload, upload_id, populate_existing=True, with_for_update=True)
    if found is None:
        raise NotFound("There is no such upload.")
    return found


def apply(upload: Upload, changes: Mapping[str, str], image: StoredFile | None) -> bool:
    """Set what differs, so that no change is no new version; returns whether anything did."""
    columns = {**changes, **(image.columns() if image else {})}
    differing = _differing(upload, columns)
    for name, value in differing.items():
        setattr(upload, name, value)
    return bool(differing)
