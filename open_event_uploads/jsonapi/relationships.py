"""The two endpoints of every relationship: its related resources, and its linkage."""

from collections.abc import Sequence
from operator import attrgetter, itemgetter
from typing import Any, NoReturn

from flask import Response

from open_event_uploads.current import current_application
from open_event_uploads.errors import InvalidParameter, NotFound, ReadOnlyRelationship
from open_event_uploads.jsonapi.api import schemas_by_type
from open_event_uploads.jsonapi.conditional import respond_tagged
from open_event_uploads.jsonapi.config import current_config
from open_event_uploads.jsonapi.cursor import id_cursors, item_cursors
from open_event_uploads.jsonapi.endpoint import Endpoint
from open_event_uploads.jsonapi.fields import Relationship
from open_event_uploads.jsonapi.page import CursorPage
from open_event_uploads.jsonapi.page_items import items_between
from open_event_uploads.jsonapi.page_links import number_links
from open_event_uploads.jsonapi.query import Query
from open_event_uploads.jsonapi.read_query import (
    read_linkage_query,
    read_related_query,
    read_resource_query,
    refuse_parameters,
)
from open_event_uploads.jsonapi.rendering import (
    add_cursors,
    collection_url,
    described_by,
    document,
    included,
    requested_url,
    resource_objects,
)
from open_event_uploads.jsonapi.schema import Schema
from open_event_uploads.jsonapi.serializer import relationship_links

_ID = attrgetter("id")


class ResourceRelated(Endpoint):
    """`/{type}/{id}/{relationship}`: the resources (JSON:API 1.1, "Related Resource Links")."""

    def get(self, id: str, name: str) -> Response:  # noqa: A002 - the address's name for it
        """Fetch the related resources: one, several, or none."""
        relationship = _relationship(self.schema, name)
        target = schemas_by_type(current_application())[relationship.target]
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
        if isinstance(page, CursorPage):
            part = items_between(found, page, _ID)
            answer = document(target, part.items, query, {})
            add_cursors(answer, query, part, item_cursors(part.items, ()))
            return respond_tagged(answer)
        first = (page.number - 1) * page.size
        links = number_links(requested_url(), query.sent, page, len(found))
        shown = sorted(found, key=_ID)[first : first + page.size]
        return respond_tagged(
            {**document(target, shown, query, links), "meta": {"count": len(found)}}
        )


class ResourceRelationship(Endpoint):
    """`…/relationships/{relationship}`: the linkage (JSON:API 1.1, "Fetching Relationships")."""

    def get(self, id: str, name: str) -> Response:  # noqa: A002 - the address's name for it
        """Fetch the linkage, and the related resources if they are to be included."""
        relationship = _relationship(self.schema, name)
        query = self._read_query(relationship)
        if any(path[0] != name for path in query.include or ()):
            raise InvalidParameter(f"Every path begins with `{name}` here.", parameter="include")
        found = self._data_layer.get_shown(id, query)
        links = relationship_links(f"{collection_url(self.schema)}/{id}", name)
        answer: dict[str, Any] = {
            "data": relationship.linkage(found),
            "links": {**links, "self": requested_url(query), "describedby": described_by()},
        }
        if isinstance(query.pagination, CursorPage):
            part = items_between(answer["data"], query.pagination, itemgetter("id"))
            answer["data"] = part.items
            add_cursors(answer, query, part, id_cursors(each["id"] for each in part.items))
        if query.include is not None:
            answer["included"] = _included(relationship, found, answer["data"], query)
        return respond_tagged(answer)

    def _read_query(self, relationship: Relationship) -> Query:
        if relationship.to_many:
            return read_linkage_query(self.schema, current_config().page_limits)
        return read_resource_query(self.schema)

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


def _included(
    relationship: Relationship,
    found: Any,  # noqa: ANN401 - any model
    linkage: list[dict[str, str]] | dict[str, str] | None,
    query: Query,
) -> list[dict[str, Any]]:
    """Render the resources that linkage names, which may be a page, and what they lead to."""
    if not query.include:
        return []
    schema = schemas_by_type(current_application())[relationship.target]
    identifiers = linkage if isinstance(linkage, list) else [linkage] if linkage else []
    ids = {each["id"] for each in identifiers}
    related = [each for each in relationship.related(found) if _ID(each) in ids]
    deeper = tuple(path[1:] for path in query.include if path[1:])
    return [
        *resource_objects(schema, related, query),
        *included(schema, related, deeper, query, {(relationship.target, id_) for id_ in ids}),
    ]
