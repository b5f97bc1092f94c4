"""Announce a file that its client then sends to the storage past this server."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from open_event_uploads.database.statement import Execute
from open_event_uploads.database.types import new_ordered_id, now
from open_event_uploads.errors import RefusedFile
from open_event_uploads.imaging.formats import BY_MEDIA_TYPE, SVG, FileFormat
from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.storage.contract import Presigner, SignedRequest
from open_event_uploads.storage.keys import new_pending_key
from open_event_uploads.uploads.fields import Values
from open_event_uploads.uploads.lease import check_lease
from open_event_uploads.uploads.model import UploadRow
from open_event_uploads.uploads.rows import UploadRows, write_uploads

# How long the bytes may begin to be sent.
SENDING_TIME = timedelta(hours=1)
# How long an upload waits to be published, and shows why it was rejected.
PENDING_TIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A file that is announced before its bytes are sent.

    Args:
        media_type: the announced type of its bytes.
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
    """A pending upload, and how to send its bytes.

    Args:
        upload: its row.
        request: the one request that brings the bytes.
        ends_at: until when that may begin.
    """

    upload: UploadRow
    request: SignedRequest
    ends_at: datetime


def announce_upload(  # noqa: PLR0913 - what, whose, three collaborators and a step of the caller's
    announced: Announcement,
    *,
    owner_id: str,
    engine: Engine,
    storage: Presigner,
    policy: FilePolicy,
    before_commit: Callable[[Execute, AnnouncedUpload], None] | None = None,
) -> AnnouncedUpload:
    """Create a pending upload, and sign the request that writes its bytes.

    The request is good for bytes of this size and type alone. They count for the owner from now
    on, so that none is refused for a quota once they have been sent.

    Args:
        announced: what is going to come.
        owner_id: whose it is; only they and admins see it before it is published.
        engine: of the database.
        storage: where the bytes go.
        policy: what may be stored.
        before_commit: is called in the write, with what runs statements there and with what is
            returned.

    Raises:
        InvalidAttribute: its lease could not be that.
        RefusedFile: no such file is accepted.
        InvalidToken: the owner's account was deleted meanwhile.
        QuotaExceeded, DailyQuotaExceeded: it would be too many bytes for this user.
        StorageUnavailable, DatabaseUnavailable: nothing has been made.
    """
    check_lease(announced.values.get("expires_at"))
    columns = _pending_columns(announced, _format_of(announced, policy), owner_id)
    request = storage.presigned_put(
        columns["key"], announced.size, announced.media_type, SENDING_TIME
    )

    def step(rows: UploadRows) -> AnnouncedUpload:
        upload = rows.insert(columns)
        made = AnnouncedUpload(upload, request, upload.created_at + SENDING_TIME)
        if before_commit is not None:
            before_commit(rows.execute, made)
        return made

    return write_uploads(engine, step, policy=policy)


def _format_of(announced: Announcement, policy: FilePolicy) -> FileFormat:
    """Return the format that the bytes are announced to have.

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


def _pending_columns(announced: Announcement, format_: FileFormat, owner_id: str) -> dict[str, Any]:
    """Return the columns of a pending upload that are not their defaults.

    What is set to be the end of its lease becomes that once it is published.
    """
    moment = now()
    waits_until, kept_until = moment + PENDING_TIME, announced.values.get("expires_at")
    return {
        **announced.values,
        "id": new_ordered_id(),
        "created_at": moment,
        "updated_at": moment,
        "key": new_pending_key(format_.extension),
        "status": "pending",
        "media_type": announced.media_type,
        "size": announced.size,
        "checksum": announced.checksum,
        "received_checksum": announced.checksum,
        "expires_at": min(waits_until, kept_until or waits_until),
        "kept_until": kept_until,
        "owner_id": owner_id,
    }
