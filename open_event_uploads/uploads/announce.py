"""Somebody says what is going to come, and may then send it to the storage past us."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from open_event_uploads.database.transaction import within, write_transaction
from open_event_uploads.database.types import new_id, now
from open_event_uploads.errors import RefusedFile
from open_event_uploads.imaging.formats import BY_MEDIA_TYPE, SVG, FileFormat
from open_event_uploads.imaging.policy import Policy
from open_event_uploads.storage.contract import Presigner, SignedRequest
from open_event_uploads.storage.keys import new_pending_key
from open_event_uploads.uploads.create import add_upload
from open_event_uploads.uploads.fields import DEFAULTS, Values
from open_event_uploads.uploads.lease import check_lease
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.quota import Ledger, count_bytes

# How long the bytes may begin to be sent.
LEAVE = timedelta(hours=1)
# How long an upload waits to be published, and says why it was refused.
WAITS = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Announcement:
    """What somebody says of a file before it comes.

    Args:
        media_type: what its bytes are said to be.
        size: bytes.
        checksum: `sha256:` and 64 hexadecimal digits, of what is going to be sent.
        values: of its fields, by name; its filename is one of them.
    """

    media_type: str
    size: int
    checksum: str
    values: Values


@dataclass(frozen=True, slots=True)
class AnnouncedUpload:
    """What came of it.

    Args:
        upload: its row, which is `pending`.
        leave: the one request that brings the bytes.
        ends_at: until when that may begin.
    """

    upload: Upload
    leave: SignedRequest
    ends_at: datetime


def announce_upload(  # noqa: PLR0913 - what, whose, three collaborators and a step of the caller's
    announced: Announcement,
    *,
    owner_id: str,
    session: Session,
    storage: Presigner,
    policy: Policy,
    before_commit: Callable[[AnnouncedUpload], None] = lambda _: None,
) -> AnnouncedUpload:
    """Make a pending upload, and give leave to write its bytes, of this size and type alone.

    Its bytes count for its owner from now on, and so nobody is refused when they have come.

    Args:
        announced: what is going to come.
        owner_id: whose it is; nobody else sees it before it is published.
        session: has no transaction under way that matters; it is rolled back first.
        storage: where the bytes go.
        policy: what may be stored.
        before_commit: is called with what is returned, in the transaction that makes it.

    Raises:
        InvalidAttribute: its lease could not be that.
        RefusedFile: no such file is accepted.
        InvalidToken: the owner's account was deleted meanwhile.
        QuotaExceeded, DailyQuotaExceeded: it would be too many bytes for this user.
        StorageUnavailable, DatabaseUnavailable: nothing has been made.
    """
    check_lease(announced.values.get("expires_at"))
    upload = _pending(announced, _format_of(announced, policy), owner_id)
    leave = storage.presigned_put(upload.key, announced.size, announced.media_type, LEAVE)
    made = AnnouncedUpload(upload, leave, upload.created_at + LEAVE)
    with write_transaction(session):
        add_upload(upload, session)
        before_commit(made)
        ledger = Ledger.of(owner_id, added=upload.size)
        count_bytes(ledger, execute=within(session), policy=policy)
    return made


def _format_of(announced: Announcement, policy: Policy) -> FileFormat:
    """The format that the bytes are said to have.

    Raises:
        RefusedFile: as `announce_upload`; it names the attribute.
    """
    try:
        policy.check_size(announced.size)
    except RefusedFile as error:
        error.attribute = "size"
        raise
    try:
        policy.check_media_type(announced.media_type)
    except RefusedFile as error:
        error.attribute = "media-type"
        raise
    return BY_MEDIA_TYPE.get(announced.media_type, SVG)


def _pending(announced: Announcement, format_: FileFormat, owner_id: str) -> Upload:
    moment = now()
    kept_until = announced.values.get("expires_at")
    waits_until = moment + WAITS
    fields = {
        **DEFAULTS,
        **announced.values,
        "expires_at": min(waits_until, kept_until or waits_until),
    }
    return Upload(
        **fields,
        id=new_id(),
        created_at=moment,
        updated_at=moment,
        key=new_pending_key(format_.extension),
        status="pending",
        media_type=announced.media_type,
        size=announced.size,
        checksum=announced.checksum,
        received_checksum=announced.checksum,
        kept_until=kept_until,
        owner_id=owner_id,
    )
