"""The endpoints that views derive from.

A view states its schema and data layer, and overrides `create_object`, `update_object` or
`delete_object` with a call of a service.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import flask_rest_jsonapi_next as library
from flask import Response, current_app
from flask_rest_jsonapi_next.decorators import check_headers

from open_event_uploads.api.jsonapi.api import schemas_by_type
from open_event_uploads.api.jsonapi.body import max_document_bytes, read_body
from open_event_uploads.api.jsonapi.codec import decode, respond
from open_event_uploads.api.jsonapi.documents import ResourceObject, read_resource
from open_event_uploads.api.jsonapi.negotiation import negotiate
from open_event_uploads.api.jsonapi.pagination import page_links
from open_event_uploads.api.jsonapi.query import (
    read_collection_query,
    read_resource_query,
    refuse_parameters,
)
from open_event_uploads.api.jsonapi.rendering import (
    collection_url,
    resource_document,
    resource_objects,
)
from open_event_uploads.api.jsonapi.schema import Schema
from open_event_uploads.errors import InvalidAttribute
from open_event_uploads.extensions import current_settings


@contextmanager
def _pointing_into(resource: ResourceObject) -> Iterator[None]:
    """Say where in the document the attribute stands that a service refuses."""
    try:
        yield
    except InvalidAttribute as error:
        if error.attribute and error.pointer is None:
            error.pointer = resource.pointer_to(error.attribute)
        raise


class Endpoint:
    """What all of them do."""

    schema: type[Schema]
    decorators: tuple[Any, ...] = ()
    _data_layer: Any

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)
        # The library compares media types as whole strings; `negotiate` knows their parameters.
        cls.decorators = tuple(each for each in cls.decorators if each is not check_headers)

    def dispatch_request(self, **view_kwargs: Any) -> Response:  # noqa: ANN401 - what the address holds
        """Negotiate, answer, and leave no transaction open."""
        negotiate()
        try:
            response: Response = super().dispatch_request(**view_kwargs)  # type: ignore[misc]  # the library's
        finally:
            self._data_layer.rollback()
        if response.status_code == HTTPStatus.NO_CONTENT:
            del response.headers["Content-Type"]  # the library gives one to every answer
        return response

    def received(self, id_: str | None = None) -> ResourceObject:
        """The resource object in the request's body."""
        body = read_body(max_document_bytes(int(current_settings().max_bytes)))
        return read_resource(decode(body), type_=self.schema.opts.type_, id_=id_)


class ResourceList(Endpoint, library.ResourceList):
    """A collection: list and create."""

    methods = ("GET", "POST")

    def get(self) -> Response:
        """Fetch a page (JSON:API 1.1, "Fetching Resources")."""
        settings = current_settings()
        query = read_collection_query(
            self.schema,
            schemas_by_type(current_app),
            page_size=settings.page_size,
            max_page_size=settings.max_page_size,
        )
        count, objects = self._data_layer.get_collection(query, {})
        links = page_links(collection_url(self.schema), query.sent, query.pagination, count)
        data = resource_objects(self.schema, objects, query)
        return respond({"data": data, "links": links, "meta": {"count": count}})

    def post(self) -> Response:
        """Create a resource (JSON:API 1.1, "Creating Resources")."""
        query = read_resource_query(schemas_by_type(current_app))
        resource = self.received()
        values = self.schema.shared().read(resource, partial=False)
        with _pointing_into(resource):
            created = self.create_object(values)
        document = resource_document(self.schema, created, query)
        return respond(document, 201, {"Location": document["links"]["self"]})

    def create_object(self, values: dict[str, Any]) -> object:
        """Make it, from validated values by field name."""
        raise NotImplementedError


class ResourceDetail(Endpoint, library.ResourceDetail):
    """One resource: read, change and delete."""

    methods = ("GET", "PATCH", "DELETE")

    def get(self, id: str) -> Response:  # noqa: A002 - the address's name for it
        """Fetch it."""
        query = read_resource_query(schemas_by_type(current_app))
        found = self._data_layer.get_object({"id": id})
        return respond(resource_document(self.schema, found, query))

    def patch(self, id: str) -> Response:  # noqa: A002 - the address's name for it
        """Change it (JSON:API 1.1, "Updating Resources")."""
        query = read_resource_query(schemas_by_type(current_app))
        # The body first: no transaction is open while a client sends it.
        resource = self.received(id)
        found = self._data_layer.get_object({"id": id})
        values = self.schema.shared().read(resource, partial=True)
        with _pointing_into(resource):
            changed = self.update_object(found, values)
        return respond(resource_document(self.schema, changed, query))

    def delete(self, id: str) -> Response:  # noqa: A002 - the address's name for it
        """Delete it (JSON:API 1.1, "Deleting Resources")."""
        refuse_parameters()
        self.delete_object(id)
        return current_app.response_class(status=204, headers={"Vary": "Accept"})

    def update_object(self, found: Any, values: dict[str, Any]) -> object:  # noqa: ANN401 - any model
        """Change it to validated values by field name; returns it as it is then."""
        raise NotImplementedError

    def delete_object(self, id_: str) -> None:
        """Remove it."""
        raise NotImplementedError
