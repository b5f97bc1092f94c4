"""The endpoints of uploads."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Response
from sqlalchemy import Select

from open_event_uploads.context import current_storage, db
from open_event_uploads.jsonapi import (
    DataLayer,
    ResourceDetail,
    ResourceList,
    ResourceRelated,
    ResourceRelationship,
)
from open_event_uploads.jsonapi.creation import NO_META, CreationMeta
from open_event_uploads.jsonapi.documents import ResourceObject
from open_event_uploads.jsonapi.idempotency import BeforeCommit, Reply
from open_event_uploads.jsonapi.query import Query
from open_event_uploads.jsonapi.read_query import read_resource_query
from open_event_uploads.server.identity import Identity, current_identity, current_user_id
from open_event_uploads.server.rate_limits import charge_files
from open_event_uploads.uploads.access import check_change, listed, may_see
from open_event_uploads.uploads.announce import AnnouncedUpload
from open_event_uploads.uploads.create import CreatedUpload, create_upload
from open_event_uploads.uploads.delete import delete_upload
from open_event_uploads.uploads.direct import announce, announces, publish, sending_request
from open_event_uploads.uploads.intake import (
    is_form,
    is_raw,
    receive_form,
    receive_raw,
)
from open_event_uploads.uploads.model import (
    UNPUBLISHED,
    Upload,
    UploadColumns,
    UploadRow,
    has_expired,
    is_kept,
)
from open_event_uploads.uploads.processing import current_processing
from open_event_uploads.uploads.schema import AnnouncedUploadSchema, UploadSchema, read_values
from open_event_uploads.uploads.update import update_upload


class UploadLayer(DataLayer):
    """Read the uploads that a viewer may see, as long as their lease is not over."""

    def selection(self, viewer: Identity | None) -> Select[Any]:
        """Select the uploads that this identity may list."""
        return super().selection(viewer).where(listed(viewer), is_kept())

    def is_visible(self, found: UploadColumns, viewer: Identity | None) -> bool:
        """Return whether this identity may see an upload whose lease is not over."""
        return not has_expired(found) and may_see(viewer, found)


_DATA_LAYER = {"class": UploadLayer, "session": db.session, "model": Upload}


class UploadList(ResourceList):
    """The collection."""

    schema = UploadSchema
    data_layer = _DATA_LAYER
    receives_files = True

    def validate_new(self, resource: ResourceObject) -> dict[str, Any]:
        """Read a document that holds the file, or one that announces it."""
        if announces(resource):
            return AnnouncedUploadSchema.shared().read(resource, partial=False)
        return super().validate_new(resource)

    def create_object(
        self, values: dict[str, Any], before_commit: BeforeCommit[Any] | None
    ) -> CreatedUpload | AnnouncedUpload:
        """Create an upload, or a pending one whose bytes are announced."""
        if "data" not in values:
            return announce(values, before_commit)
        return create_upload(
            content=values["data"],
            values={name: value for name, value in values.items() if name != "data"},
            owner_id=current_user_id(),
            before_commit=before_commit,
            engine=db.engine,
            storage=current_storage(),
            processing=current_processing(),
        )

    @contextmanager
    def receive_values(self) -> Iterator[dict[str, Any]]:
        """Provide the values of a document, a form or a raw body."""
        if not (is_form() or is_raw()):
            with super().receive_values() as values:
                yield values
            return
        receive = receive_form if is_form() else receive_raw
        with receive() as sent:
            yield {**read_values(sent.texts), "data": sent.file}

    def creation_reply(
        self,
        query: Query,
        created: CreatedUpload | AnnouncedUpload,
        meta: CreationMeta = NO_META,
    ) -> Reply:
        """Return the reply, with what was taken out of the file or how to send it."""
        if isinstance(created, AnnouncedUpload):
            meta = CreationMeta(resource={"upload": sending_request(created)})
        elif created.removed:
            meta = CreationMeta(document={"removed": list(created.removed)})
        return super().creation_reply(query, created.upload, meta)


class UploadDetail(ResourceDetail):
    """One upload."""

    schema = UploadSchema
    data_layer = _DATA_LAYER

    def validate_change(self, resource: ResourceObject) -> dict[str, Any]:
        """Read the fields, and `status: ready`, which publishes a pending upload."""
        status = {"status": "ready"} if resource.attributes.get("status") == "ready" else {}
        return {**super().validate_change(resource), **status}

    def update_object(
        self, found: UploadRow, values: dict[str, Any], versions: frozenset[int] | None
    ) -> UploadRow:
        """Change fields or bytes of an upload, or publish it."""
        check_change(current_identity(), found)
        # A published upload has that status already: clients send whole records back.
        publishes = values.pop("status", None) == "ready"
        if publishes and found.status in UNPUBLISHED and "data" not in values:
            return publish(found, values, versions)
        if "data" in values:
            charge_files()
        return update_upload(
            found,
            content=values.pop("data", None),
            values=values,
            versions=versions,
            engine=db.engine,
            storage=current_storage(),
            processing=current_processing(),
        )

    def delete_object(self, id_: str, versions: frozenset[int] | None) -> None:
        """Delete an upload."""
        check_change(current_identity(), self._data_layer.get_row(id_))
        delete_upload(id_, versions=versions, engine=db.engine, storage=current_storage())


class UploadRelated(ResourceRelated):
    """The resources that one upload is related to."""

    schema = UploadSchema
    data_layer = _DATA_LAYER


class UploadRelationship(ResourceRelationship):
    """The linkage of one upload."""

    schema = UploadSchema
    data_layer = _DATA_LAYER


class UploadContent(UploadDetail):
    """The bytes of one upload, to be replaced by a raw body."""

    methods = ("PUT",)
    data_layer = _DATA_LAYER

    def put(self, id: str) -> Response:  # noqa: A002 - the address's name for it
        """Replace the bytes; the name stays unless the request brings another."""
        query = read_resource_query(self.schema)
        with receive_raw() as sent:
            values = {**read_values(sent.texts), "data": sent.file}
            return self.apply_change(self._data_layer.get_row(id), values, query)
