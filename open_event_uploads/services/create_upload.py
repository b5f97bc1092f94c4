"""An image comes in."""

from sqlalchemy.orm import Session

from open_event_uploads.media.policy import Policy
from open_event_uploads.models import Upload
from open_event_uploads.models.base import now
from open_event_uploads.models.transaction import write_transaction
from open_event_uploads.services.store_image import discarded_on_failure, store_image
from open_event_uploads.storage import Storage


def create_upload(  # noqa: PLR0913 - three values and their three collaborators
    *,
    content: bytes,
    filename: str = "",
    alt: str = "",
    session: Session,
    storage: Storage,
    policy: Policy,
) -> Upload:
    """Store an image and the row that describes it.

    The bytes are durable before any transaction opens, so a crash leaves an orphan at most.

    Args:
        content: the file, whole.
        filename: already cleaned; empty for one of ours.
        alt: a description for people who cannot see the image.
        session: has no transaction under way that matters; it is rolled back first.
        storage: where the bytes go.
        policy: what may be stored.

    Raises:
        RefusedFile: the bytes are not acceptable; nothing is stored.
        StorageFull, StorageUnavailable, DatabaseUnavailable: nothing is stored.
    """
    image = store_image(content, storage=storage, policy=policy)
    created_at = now()
    upload = Upload(
        created_at=created_at,
        updated_at=created_at,
        filename=filename or f"upload.{image.facts.format.extension}",
        alt=alt,
        **image.columns(),
    )
    with discarded_on_failure(image.key, storage), write_transaction(session):
        session.add(upload)
    return upload
