"""The two endpoints of every relationship: its related resources, and its linkage."""

from collections.abc import Sequence
from typing import Any, NoReturn

from flask import Response, current_app

from open_event_uploads.errors import InvalidParameter, NotFound, ReadOnlyRelationship
from open_event_uploads.jsonapi.api import schemas_by_type
from open_event_uploads.jsonapi.conditional import respond_tagged
from open_event_uploads.jsonapi.config import current_config
from open_event_uploads.jsonapi.endpoint import Endpoint
from open_event_uploads.jsonapi.fields import Relationship
from open_event_uploads.jsonapi.page import Page
from open_event_uploads.jsonapi.page_links import number_links
from open_event_uploads.jsonapi.query import Query
from open_event_uploads.jsonapi.read_query import (
    read_related_query,
    read_resource_query,
    refuse_parameters,
)
from open_event_uploads.jsonapi.rendering import (
    collection_url,
    described_by,
    document,
    included,
    requested_url,
)
from open_event_uploads.jsonapi.schema import Schema
from open_event_uploads.jsonapi.serializer import relationship_links


class ResourceRelated(Endpoint):
    """`/{type}/{id}/{relationship}`: the resources (JSON:API 1.1, "Related Resource Links")."""

    def get(self, id: str, name: str) -> Response:  # noqa: A002 - the address's name for it
        """Fetch the related resources: one, several, or none."""
        relationship = _relationship(self.schema, name)
        target = schemas_by_type(current_app)[relationship.target]
        if relationship.to_many:
            query = read_related_query(target, current_config().page_limits)
            return self._several(target, query, self._related(id, relationship))
        query = read_resource_query(target)
        found = next(iter(self._related(id, relationship)), None)
        answer = document(target, found, query, {"self": requested_url(query)})
        return respond_tagged(answer, version=getattr(found, "version", None))

    def _related(self, id_: str, relationship: Relationship) -> Sequence[Any]:
        return relationship.related(self._data_layer.get_object({"id": id_}))

    def _several(self, target: type[Schema], query: Query, found: Sequence[Any]) -> Response:
        page = query.pagination
        assert isinstance(page, Page)  # noqa: S101 - `read_related_query` refuses cursors
        first = (page.number - 1) * page.size
        links = number_links(requested_url(), query.sent, page, len(found))
        shown = list(found[first : first + page.size])
        return respond_tagged(
            {**document(target, shown, query, links), "meta": {"count": len(found)}}
        )


class ResourceRelationship(Endpoint):
    """`…/relationships/{relationship}`: the linkage (JSON:API 1.1, "Fetching Relationships")."""

    def get(self, id: str, name: str) -> Response:  # noqa: A002 - the address's name for it
        """Fetch the linkage, and the related resources if they are to be included."""
        relationship = _relationship(self.schema, name)
        query = read_resource_query(self.schema)
        if any(path[0] != name for path in query.include or ()):
            raise InvalidParameter(f"Every path begins with `{name}` here.", parameter="include")
        found = self._data_layer.get_shown(id, query)
        links = relationship_links(f"{collection_url(self.schema)}/{id}", name)
        answer: dict[str, Any] = {
            "data": relationship.linkage(found),
            "links": {**links, "self": requested_url(query), "describedby": described_by()},
        }
        if query.include is not None:
            answer["included"] = included(self.schema, [found], query.include, query, set())
        return respond_tagged(answer)

    def patch(self, id: str, name: str) -> NoReturn:  # noqa: A002 - the address's name for it
        """Refuse any change (JSON:API 1.1, "Updating Relationships": 403)."""
        _relationship(self.schema, name)
        refuse_parameters()
        self._data_layer.get_shown(id)
        raise ReadOnlyRelationship(f"The server maintains `{name}`; it cannot be changed.")

    post = delete = patch


def _relationship(schema: type[Schema], name: str) -> Relationship:
    found = schema.relationships().get(name)
    if found is None:
        raise NotFound("There is no such relationship.")
    return found
