"""The endpoints that views derive from.

A view states its schema and data layer, and overrides `create_object`, `update_object` or
`delete_object` with a call of a service.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import Any, NoReturn

import flask_rest_jsonapi_next as library
from flask import Response, current_app, request
from flask_rest_jsonapi_next.decorators import check_headers

from open_event_uploads.context import current_settings
from open_event_uploads.errors import ReadOnlyResource
from open_event_uploads.jsonapi.api import schemas_by_type
from open_event_uploads.jsonapi.body import max_document_bytes, read_document
from open_event_uploads.jsonapi.codec import respond_empty
from open_event_uploads.jsonapi.conditional import (
    NOTHING,
    SaidOnce,
    created_result,
    respond_result,
    respond_tagged,
    versions_to_match,
)
from open_event_uploads.jsonapi.documents import ResourceObject, pointing_into, read_resource
from open_event_uploads.jsonapi.idempotency import Result, keep_nothing
from open_event_uploads.jsonapi.json_text import decode
from open_event_uploads.jsonapi.linkage import check_linkage
from open_event_uploads.jsonapi.negotiation import CURSOR_PAGINATION, apply_profile, negotiate
from open_event_uploads.jsonapi.once import respond_once
from open_event_uploads.jsonapi.pagination import (
    CursorPage,
    Limits,
    cursor_links,
    item_cursors,
    number_links,
)
from open_event_uploads.jsonapi.query import (
    Query,
    read_collection_query,
    read_resource_query,
    refuse_parameters,
)
from open_event_uploads.jsonapi.rendering import document, requested_url
from open_event_uploads.jsonapi.schema import Schema


class Endpoint:
    """What all of them do."""

    schema: type[Schema]
    # Those that every document sent to this address must apply.
    extensions: frozenset[str] = frozenset()
    methods: tuple[str, ...]
    decorators: tuple[Any, ...] = ()
    _data_layer: Any

    def __init_subclass__(cls, **options: object) -> None:
        # Flask would take every method that the library's class has, needed here or not.
        cls.methods = cls.methods
        super().__init_subclass__(**options)
        # The library compares media types as whole strings; `negotiate` knows their parameters.
        cls.decorators = tuple(each for each in cls.decorators if each is not check_headers)

    def dispatch_request(self, **view_kwargs: Any) -> Response:  # noqa: ANN401 - what the address holds
        """Negotiate, answer, and leave no transaction open."""
        negotiate(self.extensions, reads=self.reads_a_document())
        try:
            response: Response = super().dispatch_request(**view_kwargs)  # type: ignore[misc]  # the library's
        finally:
            self._data_layer.rollback()
        if response.status_code == HTTPStatus.NO_CONTENT:
            del response.headers["Content-Type"]  # the library gives one to every answer
        return response

    def reads_a_document(self) -> bool:
        """Whether the request's body is one."""
        return request.method in {"POST", "PATCH"}

    def received(self, id_: str | None = None) -> ResourceObject:
        """The resource object in the request's body."""
        body = read_document(max_document_bytes(int(current_settings().max_bytes)))
        resource = read_resource(decode(body), type_=self.schema.opts.type_, id_=id_)
        check_linkage(resource, self.schema)
        return resource


class ResourceList(Endpoint, library.ResourceList):
    """A collection: list and create."""

    methods = ("GET", "POST")
    # Whether a new one may come as a file outside a document.
    receives_files = False
    # Whether answers are kept for requests that come again. Where secrets are sent or answered
    # they are not: what is kept would tell them.
    remembers = True

    def get(self) -> Response:
        """Fetch a page (JSON:API 1.1, "Fetching Resources")."""
        query = read_collection_query(self.schema, schemas_by_type(current_app), page_limits())
        if isinstance(query.pagination, CursorPage):
            return self._page_between_cursors(query, query.pagination)
        count, objects = self._data_layer.get_list(query, query.pagination)
        links = number_links(requested_url(), query.sent, query.pagination, count)
        found = document(self.schema, objects, query, links)
        return respond_tagged({**found, "meta": {"count": count}})

    def _page_between_cursors(self, query: Query, page: CursorPage) -> Response:
        apply_profile(CURSOR_PAGINATION)
        items, more, truncated = self._data_layer.get_page(query, page)
        cursors = item_cursors(items, query.sorting)
        links = cursor_links(requested_url(), query.sent, page, cursors, more=more)
        found = document(self.schema, items, query, links)
        for resource, cursor in zip(found["data"], cursors, strict=True):
            resource.setdefault("meta", {})["page"] = {"cursor": cursor}
        if truncated:
            found["meta"] = {"page": {"rangeTruncated": True}}
        return respond_tagged(found)

    def post(self) -> Response:
        """Create a resource (JSON:API 1.1, "Creating Resources")."""
        query = read_resource_query(self.schema, schemas_by_type(current_app))
        with self.new_values() as values:
            create = partial(self.create_object, values)
            if not self.remembers:
                return respond_result(self.created(query, create(keep_nothing)))
            return respond_once(create, partial(self.created, query), query.sent, values)

    @contextmanager
    def new_values(self) -> Iterator[dict[str, Any]]:
        """The validated values of what was sent, by field name, for as long as they are needed."""
        resource = self.received()
        values = self.made_values(resource)
        with pointing_into(resource):
            yield values

    def made_values(self, resource: ResourceObject) -> dict[str, Any]:
        """Those of a document."""
        return self.schema.shared().read(resource, partial=False)

    def created(
        self,
        query: Query,
        created: Any,  # noqa: ANN401 - any model
        said_once: SaidOnce = NOTHING,
    ) -> Result:
        """What is answered of a new resource.

        Args:
            query: how it is to be shown.
            created: the resource.
            said_once: what there is to say of its making.
        """
        found = document(self.schema, created, query, {})
        address = found["data"]["links"]["self"]
        found["links"] = {"self": address, **found["links"]}
        version = getattr(created, "version", None)
        return created_result(found, version=version, location=address, said_once=said_once)

    def create_object(
        self, values: dict[str, Any], before_commit: Callable[[object], None]
    ) -> object:
        """Make it.

        Args:
            values: validated, by field name.
            before_commit: is called with what is made, in the transaction that makes it.
        """
        raise NotImplementedError


class ReadOnlyList(ResourceList):
    """A collection that the server keeps."""

    def post(self) -> NoReturn:
        """Refuse to add to it (JSON:API 1.1, "Creating Resources", 403)."""
        refuse_parameters()
        raise ReadOnlyResource(f"The server keeps `{self.schema.opts.type_}`.")


class ResourceDetail(Endpoint, library.ResourceDetail):
    """One resource: read, change and delete."""

    methods: tuple[str, ...] = ("GET", "PATCH", "DELETE")

    def get(self, id: str) -> Response:  # noqa: A002 - the address's name for it
        """Fetch it."""
        query = read_resource_query(self.schema, schemas_by_type(current_app))
        return self._answer(self._data_layer.get_shown(id, query), query)

    def patch(self, id: str) -> Response:  # noqa: A002 - the address's name for it
        """Change it (JSON:API 1.1, "Updating Resources")."""
        query = read_resource_query(self.schema, schemas_by_type(current_app))
        # The body first: no transaction is open while a client sends it.
        resource = self.received(id)
        found = self._data_layer.get_object({"id": id})
        values = self.changed_values(resource)
        with pointing_into(resource):
            return self._changed(found, values, query)

    def changed_values(self, resource: ResourceObject) -> dict[str, Any]:
        """The validated values of what was sent, by field name."""
        return self.schema.shared().read(resource, partial=True)

    def _changed(self, found: Any, values: dict[str, Any], query: Query) -> Response:  # noqa: ANN401 - any model
        changed = self.update_object(found, values, versions_to_match())
        if query.include:
            changed = self._data_layer.get_object({"id": changed.id}, query)
        return self._answer(changed, query)

    def delete(self, id: str) -> Response:  # noqa: A002 - the address's name for it
        """Delete it (JSON:API 1.1, "Deleting Resources")."""
        refuse_parameters()
        self.delete_object(id, versions_to_match())
        return respond_empty(204)

    def _answer(self, found: Any, query: Query) -> Response:  # noqa: ANN401 - any model
        links: dict[str, str | None] = {"self": requested_url(query)}
        return respond_tagged(
            document(self.schema, found, query, links), version=getattr(found, "version", None)
        )

    def update_object(
        self,
        found: Any,  # noqa: ANN401 - any model
        values: dict[str, Any],
        versions: frozenset[int] | None,
    ) -> Any:  # noqa: ANN401 - any model
        """Change it to validated values by field name; returns it as it is then.

        Args:
            found: as it was read.
            values: the new ones.
            versions: it must be one of these; None for any.
        """
        raise NotImplementedError

    def delete_object(self, id_: str, versions: frozenset[int] | None) -> None:
        """Remove it, if it is one of these versions."""
        raise NotImplementedError


class ReadOnlyDetail(ResourceDetail):
    """One resource that the server keeps."""

    def patch(self, id: str) -> NoReturn:  # noqa: A002 - the address's name for it
        """Refuse to change it (JSON:API 1.1, "Updating Resources", 403)."""
        self._refuse(id)

    def delete(self, id: str) -> NoReturn:  # noqa: A002 - the address's name for it
        """Refuse to delete it."""
        self._refuse(id)

    def _refuse(self, id_: str) -> NoReturn:
        refuse_parameters()
        self._data_layer.get_object({"id": id_})
        raise ReadOnlyResource(f"The server keeps `{self.schema.opts.type_}`.")


def page_limits() -> Limits:
    """How many resources a page may hold, from the settings."""
    settings = current_settings()
    return Limits(settings.page_size, settings.max_page_size)
