"""Direct uploads: bytes that clients send to the storage itself, and that are checked there.

`POST` without `data` announces them, `PATCH` with `status: ready` publishes them.
"""

from typing import Any

from open_event_uploads.context import current_storage, db
from open_event_uploads.errors import Unauthenticated
from open_event_uploads.jsonapi.documents import ResourceObject
from open_event_uploads.jsonapi.fields import timestamp
from open_event_uploads.jsonapi.idempotency import BeforeCommit
from open_event_uploads.server.identity import current_user_id
from open_event_uploads.server.rate_limits import charge_files
from open_event_uploads.storage.capabilities import presigner_of
from open_event_uploads.uploads.announce import AnnouncedUpload, Announcement, announce_upload
from open_event_uploads.uploads.model import UploadColumns, UploadRow
from open_event_uploads.uploads.processing import current_processing
from open_event_uploads.uploads.publish import publish_upload

_ANNOUNCED = ("filename", "media-type", "size", "checksum")


def announces(resource: ResourceObject) -> bool:
    """Return whether a resource announces bytes that its client may send to the storage."""
    sent = resource.attributes
    is_announced = sent.get("data") is None and all(
        sent.get(each) is not None for each in _ANNOUNCED
    )
    return is_announced and presigner_of(current_storage()) is not None


def announce(values: dict[str, Any], before_commit: BeforeCommit[Any] | None) -> AnnouncedUpload:
    """Create a pending upload.

    Args:
        values: of an announcement, by field name.
        before_commit: as of `announce_upload`.

    Raises:
        Unauthenticated: without an owner, nobody could see or publish it.
        As `announce_upload`.
    """
    owner_id, presigner = current_user_id(), presigner_of(current_storage())
    if owner_id is None:
        raise Unauthenticated("A direct upload needs an owner.", header="Authorization")
    assert presigner is not None  # noqa: S101 - `announces` has checked it
    return announce_upload(
        Announcement(values.pop("media_type"), values.pop("size"), values.pop("checksum"), values),
        owner_id=owner_id,
        before_commit=before_commit,
        engine=db.engine,
        storage=presigner,
        policy=current_processing().policy,
    )


def sending_request(announced: AnnouncedUpload) -> dict[str, Any]:
    """Return the request that brings the bytes, as the answer shows it."""
    request = announced.request
    return {
        "method": request.method,
        "url": request.url,
        "headers": dict(request.headers),
        "expires-at": timestamp(announced.ends_at),
    }


def publish(
    found: UploadColumns, values: dict[str, Any], versions: frozenset[int] | None
) -> UploadRow:
    """Check the bytes that have arrived; arguments and errors as of `publish_upload`."""
    charge_files()
    return publish_upload(
        found,
        changes=values,
        versions=versions,
        engine=db.engine,
        storage=current_storage(),
        processing=current_processing(),
    )
