"""Operations of the two endpoints that every relationship has."""

from open_event_uploads.openapi.components import name_of
from open_event_uploads.openapi.parameters import CURSOR_PAGES, PAGES, include, sparse_fields
from open_event_uploads.openapi.resource_route import (
    Operation,
    ResourceRoute,
    reading,
    refused,
)


def related(on: ResourceRoute) -> dict[str, Operation]:
    """Describe the endpoint of the related resources."""
    name = str(on.route.relationship)
    relationship = on.schema.relationships()[name]
    target = ResourceRoute(on.route, on.schemas[relationship.target], on.schemas)
    pages = PAGES if relationship.to_many else ()
    document = name_of(target.type_, "Collection" if relationship.to_many else "Document")
    summary = f"Fetch the {name} of one {on.singular}"
    shape = [*target.shape_parameters, *pages]
    return {"GET": reading(f"{on.type_}{name.title()}Read", summary, document, shape, 404)}


def linkage(on: ResourceRoute) -> dict[str, Operation]:
    """Describe the endpoint of the linkage, which only the server changes."""
    name = str(on.route.relationship)
    document, whose = linkage_name(on.type_, name), f"the {name} of one {on.singular}"
    pages = CURSOR_PAGES if on.schema.relationships()[name].to_many else ()
    shape = [*include(on.schema, on.schemas, name), *sparse_fields(on.schemas), *pages]
    verbs = {"POST": "Add to", "PATCH": "Replace", "DELETE": "Remove from"}
    operation = f"{on.type_}{name.title()}Linkage"
    return {
        "GET": reading(operation, f"Fetch the linkage of {whose}", document, shape, 404),
        **{
            method: refused(
                f"{operation}{method.title()}",
                f"{verb} {whose}",
                "Only the server changes this relationship.",
            )
            for method, verb in verbs.items()
        },
    }


def linkage_name(type_: str, relationship: str) -> str:
    """Return the component name of the document at a relationship's own address."""
    return name_of(type_, f"{relationship.title().replace('-', '')}Linkage")
