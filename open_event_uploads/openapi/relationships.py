"""Operations of the two addresses that every relationship has."""

from open_event_uploads.openapi.components import name_of
from open_event_uploads.openapi.parameters import include, sparse_fields
from open_event_uploads.openapi.responses import answer, errors
from open_event_uploads.openapi.subject import READING, Operation, Subject


def related(of: Subject) -> dict[str, Operation]:
    """What a relationship leads to."""
    name = str(of.route.relationship)
    relationship = of.schema.relationships()[name]
    target = Subject(of.route, of.schemas[relationship.target], of.schemas)
    pages = ["pageNumber", "pageSize"] if relationship.to_many else []
    document = name_of(target.type_, "Collection" if relationship.to_many else "Document")
    return {
        "GET": {
            "operationId": f"{of.type_}{name.title()}Read",
            "summary": f"Fetch the {name} of one {of.singular}",
            "parameters": [*target.shape, *pages, "ifNoneMatch"],
            "responses": {
                "200": answer(200, document),
                "304": answer(304),
                **errors(404, *READING),
            },
        }
    }


def linkage(of: Subject) -> dict[str, Operation]:
    """The linkage itself, which only the server changes."""
    name = str(of.route.relationship)
    document = linkage_name(of.type_, name)
    shape = [*include(of.schema, of.schemas, name), *sparse_fields(of.schemas)]
    verbs = {"POST": "Add to", "PATCH": "Replace", "DELETE": "Remove from"}
    reading: Operation = {
        "operationId": f"{of.type_}{name.title()}Linkage",
        "summary": f"Fetch the linkage of the {name} of one {of.singular}",
        "parameters": [*shape, "ifNoneMatch"],
        "responses": {"200": answer(200, document), "304": answer(304), **errors(404, *READING)},
    }
    refusing: dict[str, Operation] = {
        method: {
            "operationId": f"{of.type_}{name.title()}Linkage{method.title()}",
            "summary": f"{verb} the {name} of one {of.singular}: always refused",
            "description": "The server keeps this relationship.",
            "responses": errors(400, 403, 404, 406, 415, 503),
        }
        for method, verb in verbs.items()
    }
    return {"GET": reading, **refusing}


def linkage_name(type_: str, relationship: str) -> str:
    """The component name of the document at a relationship's own address."""
    return name_of(type_, f"{relationship.title().replace('-', '')}Linkage")
