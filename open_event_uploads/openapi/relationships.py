"""Operations of the two endpoints that every relationship has."""

from open_event_uploads.openapi.components import name_of
from open_event_uploads.openapi.parameters import include, sparse_fields
from open_event_uploads.openapi.resource_route import READ_ERRORS, Operation, ResourceRoute
from open_event_uploads.openapi.responses import errors, success


def related(on: ResourceRoute) -> dict[str, Operation]:
    """Describe the endpoint of the related resources."""
    name = str(on.route.relationship)
    relationship = on.schema.relationships()[name]
    target = ResourceRoute(on.route, on.schemas[relationship.target], on.schemas)
    pages = ["pageNumber", "pageSize"] if relationship.to_many else []
    document = name_of(target.type_, "Collection" if relationship.to_many else "Document")
    return {
        "GET": {
            "operationId": f"{on.type_}{name.title()}Read",
            "summary": f"Fetch the {name} of one {on.singular}",
            "parameters": [*target.shape_parameters, *pages, "ifNoneMatch"],
            "responses": {
                "200": success(200, document),
                "304": success(304),
                **errors(404, *READ_ERRORS),
            },
        }
    }


def linkage(on: ResourceRoute) -> dict[str, Operation]:
    """Describe the endpoint of the linkage, which only the server changes."""
    name = str(on.route.relationship)
    document = linkage_name(on.type_, name)
    shape = [*include(on.schema, on.schemas, name), *sparse_fields(on.schemas)]
    verbs = {"POST": "Add to", "PATCH": "Replace", "DELETE": "Remove from"}
    reading: Operation = {
        "operationId": f"{on.type_}{name.title()}Linkage",
        "summary": f"Fetch the linkage of the {name} of one {on.singular}",
        "parameters": [*shape, "ifNoneMatch"],
        "responses": {
            "200": success(200, document),
            "304": success(304),
            **errors(404, *READ_ERRORS),
        },
    }
    refusing: dict[str, Operation] = {
        method: {
            "operationId": f"{on.type_}{name.title()}Linkage{method.title()}",
            "summary": f"{verb} the {name} of one {on.singular}: always refused",
            "description": "Only the server changes this relationship.",
            "responses": errors(400, 403, 404, 406, 415, 503),
        }
        for method, verb in verbs.items()
    }
    return {"GET": reading, **refusing}


def linkage_name(type_: str, relationship: str) -> str:
    """Return the component name of the document at a relationship's own address."""
    return name_of(type_, f"{relationship.title().replace('-', '')}Linkage")
