"""`/v1/uploads` and `/v1/uploads/{id}`."""

from collections.abc import Callable
from typing import Any

from open_event_uploads.api.identity import current_user_id
from open_event_uploads.api.jsonapi import (
    DataLayer,
    ResourceDetail,
    ResourceList,
    ResourceRelated,
    ResourceRelationship,
)
from open_event_uploads.api.schemas.uploads import UploadSchema
from open_event_uploads.extensions import current_settings, current_storage, db
from open_event_uploads.models import Upload
from open_event_uploads.services.create_upload import create_upload
from open_event_uploads.services.delete_upload import delete_upload
from open_event_uploads.services.update_upload import update_upload


def _rows() -> dict[str, Any]:
    """A fresh dictionary each time: the library takes `class` out of the one it is given."""
    return {"class": DataLayer, "session": db.session, "model": Upload}


class UploadList(ResourceList):
    """The collection."""

    schema = UploadSchema
    data_layer = _rows()

    def create_object(
        self, values: dict[str, Any], before_commit: Callable[[object], None]
    ) -> Upload:
        """An image comes in."""
        return create_upload(
            content=values["data"],
            filename=values.get("filename", ""),
            alt=values.get("alt", ""),
            owner_id=current_user_id(),
            before_commit=before_commit,
            session=db.session(),
            storage=current_storage(),
            policy=current_settings().policy,
        )


class UploadDetail(ResourceDetail):
    """One upload."""

    schema = UploadSchema
    data_layer = _rows()

    def update_object(
        self, found: Upload, values: dict[str, Any], versions: frozenset[int] | None
    ) -> Upload:
        """Its description changes, or its bytes."""
        return update_upload(
            found,
            content=values.pop("data", None),
            changes=values,
            versions=versions,
            session=db.session(),
            storage=current_storage(),
            policy=current_settings().policy,
        )

    def delete_object(self, id_: str, versions: frozenset[int] | None) -> None:
        """It goes."""
        delete_upload(id_, versions=versions, session=db.session(), storage=current_storage())


class UploadRelated(ResourceRelated):
    """What one upload is related to."""

    schema = UploadSchema
    data_layer = _rows()


class UploadRelationship(ResourceRelationship):
    """Its linkage."""

    schema = UploadSchema
    data_layer = _rows()
