"""The endpoint of one resource."""

from typing import Any, NoReturn

from flask import Response

from open_event_uploads.errors import ReadOnlyResource
from open_event_uploads.jsonapi.codec import respond_empty
from open_event_uploads.jsonapi.conditional import respond_tagged, versions_to_match
from open_event_uploads.jsonapi.documents import ResourceObject, pointing_into
from open_event_uploads.jsonapi.endpoint import Endpoint
from open_event_uploads.jsonapi.query import Query
from open_event_uploads.jsonapi.read_query import read_resource_query, refuse_parameters
from open_event_uploads.jsonapi.rendering import document, requested_url


class ResourceDetail(Endpoint):
    """One resource: read, change and delete."""

    def get(self, id: str) -> Response:  # noqa: A002 - the address's name for it
        """Fetch it (JSON:API 1.1, "Fetching Resources")."""
        query = read_resource_query(self.schema)
        return self._answer(self._data_layer.get_shown(id, query), query)

    def patch(self, id: str) -> Response:  # noqa: A002 - the address's name for it
        """Change it (JSON:API 1.1, "Updating Resources")."""
        query = read_resource_query(self.schema)
        # The body first: no transaction is open while a client sends it.
        resource = self.receive_resource(id)
        found = self._data_layer.get_row(id)
        values = self.validate_change(resource)
        with pointing_into(resource):
            return self.apply_change(found, values, query)

    def validate_change(self, resource: ResourceObject) -> dict[str, Any]:
        """Return the validated values of a change, by field name."""
        return self.schema.shared().read(resource, partial=True)

    def apply_change(self, found: Any, values: dict[str, Any], query: Query) -> Response:  # noqa: ANN401 - any model
        """Change what was found, and answer with what it is then."""
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
        """Change a resource, if it is one of these versions (None for any), and return it."""
        raise NotImplementedError

    def delete_object(self, id_: str, versions: frozenset[int] | None) -> None:
        """Delete a resource, if it is one of these versions."""
        raise NotImplementedError

    def refuse_change(self, id_: str) -> NoReturn:
        """Refuse a change of a resource that the sender may see.

        Raises:
            NotFound: there is none.
            ReadOnlyResource: there is one.
        """
        refuse_parameters()
        self._data_layer.get_shown(id_)
        raise ReadOnlyResource(f"`{self.schema.opts.type_}` cannot be changed.")


class ReadOnlyDetail(ResourceDetail):
    """One resource that only the server changes."""

    def patch(self, id: str) -> NoReturn:  # noqa: A002 - the address's name for it
        """Refuse any change (JSON:API 1.1, "Updating Resources", "Deleting Resources": 403)."""
        self.refuse_change(id)

    delete = patch
