"""A route with the schema of its resource type."""

from dataclasses import dataclass
from typing import Any

from open_event_uploads.jsonapi import Schema
from open_event_uploads.openapi.parameters import Parameter, Schemas, include, sparse_fields
from open_event_uploads.openapi.route_table import Route

Operation = dict[str, Any]

# Statuses of errors that any request may cause.
READ_ERRORS = (400, 406, 503)


@dataclass(frozen=True, slots=True)
class ResourceRoute:
    """A route of a resource type.

    Args:
        route: the route.
        schema: of the type.
        schemas: of each type.
    """

    route: Route
    schema: type[Schema]
    schemas: Schemas

    @property
    def type_(self) -> str:
        """Return the name of the type."""
        name: str = self.schema.opts.type_
        return name

    @property
    def singular(self) -> str:
        """Return the name of one resource of the type."""
        return self.type_.removesuffix("s")

    @property
    def shape_parameters(self) -> list[Parameter]:
        """Describe the parameters that select the content of a document."""
        return [*include(self.schema, self.schemas), *sparse_fields(self.schemas)]
