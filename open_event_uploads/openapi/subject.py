"""What the operations of a resource view are about."""

from dataclasses import dataclass
from typing import Any

from open_event_uploads.jsonapi import Schema
from open_event_uploads.openapi.addresses import Route
from open_event_uploads.openapi.parameters import Parameter, Schemas, include, sparse_fields

Operation = dict[str, Any]

# What may go wrong with any request.
READING = (400, 406, 503)


@dataclass(frozen=True, slots=True)
class Subject:
    """An address and the resource type it belongs to.

    Args:
        route: the address.
        schema: of the type that the address belongs to.
        schemas: of each type.
    """

    route: Route
    schema: type[Schema]
    schemas: Schemas

    @property
    def type_(self) -> str:
        """Its name."""
        name: str = self.schema.opts.type_
        return name

    @property
    def singular(self) -> str:
        """Its name in a sentence about one resource."""
        return self.type_.removesuffix("s")

    @property
    def shape(self) -> list[Parameter]:
        """The parameters that shape a document about this type."""
        return [*include(self.schema, self.schemas), *sparse_fields(self.schemas)]
