"""Decide who may see, change and share an upload.

An upload that the sender may not see is answered 404; a change of one that they may see, but not
change, 403. Who may change an upload may write every one of its fields.
"""

from sqlalchemy import ColumnElement, true

from open_event_uploads.accounts.rules import may_act_for
from open_event_uploads.errors import Forbidden, NotFound
from open_event_uploads.server.identity import Identity
from open_event_uploads.uploads.model import UNPUBLISHED, Upload, UploadColumns


def may_see(identity: Identity | None, upload: UploadColumns) -> bool:
    """Return whether the sender may see an upload and its bytes.

    What is public and published is for everybody, the rest for its owner and admins.
    """
    is_public = upload.visibility == "public" and upload.status not in UNPUBLISHED
    return is_public or may_act_for(identity, upload.owner_id, "uploads:read")


def check_change(identity: Identity | None, upload: UploadColumns) -> None:
    """Make sure that the sender may change an upload, or delete it.

    Raises:
        NotFound: they may not even see it.
        Forbidden: it is another user's, or has no owner.
    """
    _check(identity, upload, "uploads:write")


def check_share(identity: Identity | None, upload: UploadColumns) -> None:
    """Make sure that the sender may give others a link to an upload.

    Raises:
        NotFound: they may not even see it.
        Forbidden: it is another user's, or has no owner.
    """
    _check(identity, upload, "uploads:read")


def listed(identity: Identity | None) -> ColumnElement[bool]:
    """Select the uploads that a list holds: a member's own, for an admin all."""
    if identity is not None and identity.is_admin:
        return true()
    return Upload.owner_id == (identity.user_id if identity else None)


def _check(identity: Identity | None, upload: UploadColumns, scope: str) -> None:
    if not may_see(identity, upload):
        raise NotFound("There is no such upload.")
    if not may_act_for(identity, upload.owner_id, scope):
        raise Forbidden("Only the owner and admins may do that.")
