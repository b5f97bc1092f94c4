"""An image comes in."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from open_event_uploads.database.rows import insert
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.transaction import engine_of, within, write_transaction
from open_event_uploads.database.types import new_id, now
from open_event_uploads.database.write import write
from open_event_uploads.errors import InvalidToken
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.policy import Policy
from open_event_uploads.jsonapi.idempotency import keep_nothing
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.fields import DEFAULTS, NO_VALUES, Values
from open_event_uploads.uploads.lease import check_lease
from open_event_uploads.uploads.model import Upload, UploadRow
from open_event_uploads.uploads.processing import Processing
from open_event_uploads.uploads.quota import Ledger, count_bytes
from open_event_uploads.uploads.store import StoredFile, discarded_on_failure, store_file


@dataclass(frozen=True, slots=True)
class CreatedUpload:
    """What came of a file that came in.

    Args:
        upload: its row; one that can only be read, where no session was needed.
        removed: the names of what was taken out of it.
    """

    upload: Upload | UploadRow
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """What an upload keeps that was one elsewhere.

    Args:
        id: of the upload; None for a new one.
        created_at: when it was made; None for now.
    """

    id: str | None = None
    created_at: datetime | None = None


def create_upload(  # noqa: PLR0913 - six values, three collaborators and a step of the caller's
    *,
    content: IncomingFile,
    values: Values = NO_VALUES,
    owner_id: str | None = None,
    origin: Origin | None = None,
    session: Session,
    storage: Storage,
    processing: Processing,
    before_commit: Callable[[CreatedUpload], None] = keep_nothing,
) -> CreatedUpload:
    """Store an image and the row that describes it.

    The bytes are durable before any transaction opens, so a crash leaves an orphan at most.

    Args:
        content: the file, whole.
        values: of its fields, by name.
        owner_id: whose it is; None for nobody's.
        origin: what it keeps of an upload elsewhere.
        session: whose database is written to. Itself it is used only for a `before_commit`; then
            it has no transaction under way that matters, and is rolled back first.
        storage: where the bytes go.
        processing: how files that come in are processed.
        before_commit: is called with what is returned, in the session's transaction that makes it;
            for `keep_nothing` no session is needed.

    Raises:
        InvalidAttribute: its lease could not be that; nothing is stored.
        RefusedFile: the bytes are not acceptable; nothing is stored.
        InvalidToken: the owner's account was deleted meanwhile; nothing is stored.
        QuotaExceeded, DailyQuotaExceeded: they are too many for this user; nothing is stored.
        StorageFull, StorageUnavailable, DatabaseUnavailable: nothing is stored.
    """
    check_lease(values.get("expires_at"))
    private = values.get("visibility") == "private"
    image = store_file(content, private=private, storage=storage, processing=processing)
    row = new_row(image, values, owner_id=owner_id, lease=processing.lease, origin=origin)
    with discarded_on_failure(image.key, storage):
        if before_commit is keep_nothing:
            made = write(engine_of(session), partial(_insert, row, processing.policy))
            return CreatedUpload(made, image.removed)
        upload = Upload(**row)
        created = CreatedUpload(upload, image.removed)
        with write_transaction(session):
            add_upload(upload, session)
            before_commit(created)
            _count(row, processing.policy, within(session))
    return created


def _insert(row: Mapping[str, Any], policy: Policy, execute: Execute) -> UploadRow:
    with _without_owner_is_invalid_token():
        made = insert(execute, UploadRow, row)
    _count(row, policy, execute)
    return made


def _count(row: Mapping[str, Any], policy: Policy, execute: Execute) -> None:
    ledger = Ledger.of(row["owner_id"], added=row["size"])
    count_bytes(ledger, execute=execute, policy=policy)


@contextmanager
def _without_owner_is_invalid_token() -> Iterator[None]:
    """Take the one constraint that a new row can break for what it means."""
    try:
        yield
    except IntegrityError:
        raise InvalidToken from None


def add_upload(upload: Upload, session: Session) -> None:
    """Write a new row, in the caller's transaction.

    Raises:
        InvalidToken: its owner's account was deleted since the request was authenticated.
    """
    session.add(upload)
    with _without_owner_is_invalid_token():
        session.flush()


def new_row(
    image: StoredFile,
    values: Values,
    *,
    owner_id: str | None = None,
    lease: timedelta | None = None,
    origin: Origin | None = None,
) -> dict[str, Any]:
    """Return the columns of a stored image's row, by name.

    Args:
        image: what it is the row of.
        values: of its fields, by name.
        owner_id: whose it is; None for nobody's.
        lease: how long it is kept where nobody says; None for good.
        origin: what it keeps of an upload elsewhere.
    """
    moment, origin = now(), origin or Origin()
    expires_at = values.get("expires_at")
    if expires_at is None and lease is not None:
        expires_at = moment + lease
    return {
        **DEFAULTS,
        **values,
        **image.columns(),
        "id": origin.id or new_id(),
        "created_at": origin.created_at or moment,
        "updated_at": moment,
        "filename": values.get("filename") or f"upload.{image.format.extension}",
        "version": 1,
        "owner_id": owner_id,
        "expires_at": expires_at,
        "kept_until": None,
        "refusal": None,
    }
