"""The endpoint of a collection."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from flask import Response

from open_event_uploads.database.graph import load_graph
from open_event_uploads.jsonapi.conditional import respond_tagged
from open_event_uploads.jsonapi.config import current_config
from open_event_uploads.jsonapi.creation import (
    NO_META,
    CreationMeta,
    creation_reply,
    respond_reply,
)
from open_event_uploads.jsonapi.cursor import item_cursors
from open_event_uploads.jsonapi.documents import ResourceObject, pointing_into
from open_event_uploads.jsonapi.endpoint import Endpoint
from open_event_uploads.jsonapi.idempotency import BeforeCommit, Reply
from open_event_uploads.jsonapi.idempotency_header import respond_once
from open_event_uploads.jsonapi.page import CursorPage
from open_event_uploads.jsonapi.page_links import number_links
from open_event_uploads.jsonapi.query import Query
from open_event_uploads.jsonapi.read_query import read_collection_query, read_resource_query
from open_event_uploads.jsonapi.rendering import add_cursors, document, requested_url


class ResourceList(Endpoint):
    """A collection: list and create.

    Attributes:
        receives_files: whether a new one may come as a file outside a document.
        keeps_replies: whether answers are kept for requests that are sent again. Where secrets are
            sent or answered they are not: they would be readable in what is kept.
    """

    receives_files = False
    keeps_replies = True

    def get(self) -> Response:
        """Fetch a page (JSON:API 1.1, "Fetching Resources")."""
        query = read_collection_query(self.schema, current_config().page_limits)
        if isinstance(query.pagination, CursorPage):
            return self._page_between_cursors(query, query.pagination)
        count, objects = self._data_layer.get_list(query, query.pagination)
        links = number_links(requested_url(), query.sent, query.pagination, count)
        found = document(self.schema, objects, query, links)
        return respond_tagged({**found, "meta": {"count": count}})

    def _page_between_cursors(self, query: Query, page: CursorPage) -> Response:
        found = self._data_layer.get_page(query, page)
        answer = document(self.schema, found.items, query, {})
        add_cursors(answer, query, found, item_cursors(found.items, query.sorting))
        return respond_tagged(answer)

    def post(self) -> Response:
        """Create a resource (JSON:API 1.1, "Creating Resources")."""
        query = read_resource_query(self.schema)
        with self.receive_values() as values:
            create = partial(self.create_object, values)
            if not self.keeps_replies:
                return respond_reply(self.creation_reply(query, create(None)))
            return respond_once(create, partial(self.creation_reply, query), query.sent, values)

    @contextmanager
    def receive_values(self) -> Iterator[dict[str, Any]]:
        """Read and validate what was sent, by field name, and keep it as long as it is needed."""
        resource = self.receive_resource()
        values = self.validate_new(resource)
        with pointing_into(resource):
            yield values

    def validate_new(self, resource: ResourceObject) -> dict[str, Any]:
        """Return the validated values of a new resource, by field name."""
        return self.schema.shared().read(resource, partial=False)

    def creation_reply(
        self,
        query: Query,
        created: Any,  # noqa: ANN401 - any row
        meta: CreationMeta = NO_META,
    ) -> Reply:
        """Return the answer about a new resource."""
        if query.include:
            with load_graph(created, current_config().engine) as loaded:
                found = document(self.schema, loaded, query, {})
        else:
            found = document(self.schema, created, query, {})
        address = found["data"]["links"]["self"]
        found["links"] = {"self": address, **found["links"]}
        version = getattr(created, "version", None)
        return creation_reply(found, version=version, location=address, meta=meta)

    def create_object(
        self, values: dict[str, Any], before_commit: BeforeCommit[Any] | None
    ) -> object:
        """Create a resource.

        Args:
            values: validated, by field name.
            before_commit: keeps the reply about what is created, in the write that creates it;
                None where none is kept.
        """
        raise NotImplementedError
