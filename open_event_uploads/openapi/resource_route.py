"""A route with the schema of its resource type."""

from dataclasses import dataclass
from typing import Any

from open_event_uploads.jsonapi import Schema
from open_event_uploads.openapi.parameters import Parameter, Schemas, include, sparse_fields
from open_event_uploads.openapi.responses import errors, success
from open_event_uploads.openapi.route_table import Route

Operation = dict[str, Any]

# Statuses of errors that any request may cause.
READ_ERRORS = (400, 406, 503)


@dataclass(frozen=True, slots=True)
class ResourceRoute:
    """A route of a resource type, with the schema of that type and of all types."""

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
        if self.type_.endswith("ies"):
            return f"{self.type_.removesuffix('ies')}y"
        return self.type_.removesuffix("s")

    @property
    def shape_parameters(self) -> list[Parameter]:
        """Describe the parameters that select the content of a document."""
        return [*include(self.schema, self.schemas), *sparse_fields(self.schemas)]


def reading(
    name: str, summary: str, document: str, parameters: list[Any], *statuses: int
) -> Operation:
    """Describe GET of a document; `statuses` are those of errors that not every request has."""
    return {
        "operationId": name,
        "summary": summary,
        "parameters": [*parameters, "ifNoneMatch"],
        "responses": {
            "200": success(200, document),
            "304": success(304),
            **errors(*statuses, *READ_ERRORS),
        },
    }


def refused(name: str, summary: str, description: str) -> Operation:
    """Describe an operation that is always refused."""
    return {
        "operationId": name,
        "summary": f"{summary}: always refused",
        "description": description,
        "responses": errors(400, 403, 404, 406, 415, 503),
    }
