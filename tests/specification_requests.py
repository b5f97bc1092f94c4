"""A request for each case of the specification's own schemas, and for each example of its text.

The names are those of its files below `_schemas/` (json-api/json-api, CC0 1.0), without `tests/`;
where it has a case in two folders, it is here once. The documents are our own and mean the same, of
types that the server has. A document without a fault can still ask for what the server does not do.
"""

import json
from typing import Any, NamedTuple

from tests.documents import COLLECTION, data_uri
from tests.images import picture

ONE = f"{COLLECTION}/{{upload}}"
OWNER = f"{ONE}/relationships/owner"
VARIANTS = f"{ONE}/relationships/variants"

# Who sends the request, and a variant of the upload.
USER = {"type": "users", "id": "{user}"}
VARIANT = {"type": "variants", "id": "{upload}-icon"}
ANOTHER = {"type": "variants", "id": "{upload}-small"}


class Request(NamedTuple):
    """A request, and how it is judged.

    Args:
        name: of the case.
        method: of the request.
        path: with `{upload}` for an id.
        document: with `{upload}` and `{user}` for ids.
        status: of the server's answer.
        fault: the pointer to it; None for a valid document.
    """

    name: str
    method: str
    path: str
    document: dict[str, Any]
    status: int
    fault: str | None = None

    def address(self, upload: str) -> str:
        """Return the address for this upload."""
        return self.path.replace("{upload}", upload)

    def body(self, upload: str, user: str) -> bytes:
        """Return the document's bytes for these ids."""
        text = json.dumps(self.document)
        return text.replace("{upload}", upload).replace("{user}", user).encode()


def new(attributes: dict[str, Any] | None = None, **members: object) -> dict[str, Any]:
    """Return the document of a new upload."""
    sent = {"data": data_uri(picture()), "alt": "A stage", **(attributes or {})}
    return {"data": {"type": "uploads", "attributes": sent, **members}}


def change(**members: object) -> dict[str, Any]:
    """Return the document of a changed upload."""
    return {"data": {"type": "uploads", "id": "{upload}", **members}}


_SCHEMAS = [
    Request(
        "1.0/request/resource/create/valid/post_resource",
        "POST",
        COLLECTION,
        new(relationships={"owner": {"data": USER}, "variants": {"data": [VARIANT, ANOTHER]}}),
        201,
    ),
    Request(
        "1.0/request/resource/create/valid/post_resource_with_client_generated_id",
        "POST",
        COLLECTION,
        new(id="5b1f6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"),
        403,
    ),
    Request(
        "1.0/request/resource/create/invalid/data_is_not_resource_object",
        "POST",
        COLLECTION,
        {"data": [new()["data"], new()["data"]]},
        400,
        "/data",
    ),
    Request(
        "1.0/request/resource/create/invalid/no_data_member",
        "POST",
        COLLECTION,
        {"meta": {"nothing": True}},
        400,
        "",
    ),
    Request(
        "1.0/request/resource/create/invalid/relationship_with_bad_resource_identifier",
        "POST",
        COLLECTION,
        new(relationships={"owner": {"data": {"type": "users"}}}),
        400,
        "/data/relationships/owner/data",
    ),
    # 1.1 has servers ignore members that are not compliant, so these two have no effect.
    Request(
        "1.0/request/resource/create/invalid/relationship_with_forbidden_name",
        "POST",
        COLLECTION,
        new(relationships={"type": {"data": USER}}),
        201,
        "/data/relationships/type",
    ),
    Request(
        "1.0/request/resource/create/invalid/relationship_with_not_allowed_character",
        "POST",
        COLLECTION,
        new(relationships={"bad+": {"data": USER}}),
        201,
        "/data/relationships/bad+",
    ),
    # Clients send back relationships that they never loaded: docs/reference/jsonapi.md, "Readings".
    Request(
        "1.0/request/resource/create/invalid/relationship_without_data_member",
        "POST",
        COLLECTION,
        new(relationships={"owner": {"meta": {}}}),
        201,
        "/data/relationships/owner",
    ),
    Request(
        "1.0/request/resource/update/valid/patch_resource",
        "PATCH",
        ONE,
        change(attributes={"alt": "A full stage"}),
        200,
    ),
    Request(
        "1.0/request/resource/update/valid/patch_resource_with_relationships",
        "PATCH",
        ONE,
        change(relationships={"owner": {"data": USER}, "variants": {"data": [VARIANT]}}),
        200,
    ),
    Request(
        "1.0/request/resource/update/invalid/data_must_have_id_member",
        "PATCH",
        ONE,
        {"data": {"type": "uploads", "attributes": {"alt": "A full stage"}}},
        400,
        "/data",
    ),
    # No relationship can be written, be the linkage valid or not.
    Request(
        "1.0/request/relationship/update/valid/patch_relationship",
        "PATCH",
        OWNER,
        {"data": USER},
        403,
    ),
    Request(
        "1.0/request/relationship/update/invalid/resource_identifier_must_have_id_member",
        "PATCH",
        OWNER,
        {"data": {"type": "users"}},
        403,
        "/data",
    ),
    Request(
        "1.1/request/resource/create/valid/post_resource_with_lid_member",
        "POST",
        COLLECTION,
        new(lid="the-stage"),
        201,
    ),
    Request(
        "1.1/request/resource/create/valid/with_at_members",
        "POST",
        COLLECTION,
        {"@a": 1, "data": {**new({"@b": [{}]})["data"], "@c": None, "lid": "the-stage"}},
        201,
    ),
    Request(
        "1.1/request/resource/create/invalid/lid_member_must_be_string",
        "POST",
        COLLECTION,
        new(lid=1),
        400,
        "/data/lid",
    ),
    Request(
        "1.1/request/resource/update/valid/with_at_member",
        "PATCH",
        ONE,
        {**change(attributes={"@b": 1, "alt": "x"}), "@a": 1},
        200,
    ),
    Request(
        "1.1/request/relationship/update/valid/patch_relationship_with_lid_member",
        "PATCH",
        VARIANTS,
        {"data": [{"type": "variants", "lid": "the-stage"}]},
        403,
    ),
    Request(
        "1.1/request/relationship/update/valid/with_at_member",
        "PATCH",
        OWNER,
        {"@a": 1, "data": {**USER, "@b": 1}},
        403,
    ),
    Request(
        "1.1/request/relationship/update/invalid/lid_member_must_be_string",
        "PATCH",
        VARIANTS,
        {"data": [VARIANT, {"type": "variants", "lid": 1}]},
        403,
        "/data/1/lid",
    ),
]

# Each is named by its section.
_TEXT = [
    Request(
        "text/Creating Resources",
        "POST",
        COLLECTION,
        new(relationships={"owner": {"data": {**USER, "meta": {"since": 1843}}}}),
        201,
    ),
    Request("text/Client-Generated IDs", "POST", COLLECTION, new(id="{upload}"), 403),
    Request("text/Updating Resources", "PATCH", ONE, change(attributes={"alt": "New"}), 200),
    Request(
        "text/Updating a Resource's Attributes",
        "PATCH",
        ONE,
        change(attributes={"alt": "New", "filename": "new.png"}),
        200,
    ),
    Request(
        "text/Updating a Resource's Relationships: author",
        "PATCH",
        ONE,
        change(relationships={"owner": {"data": USER}}),
        200,
    ),
    Request(
        "text/Updating a Resource's Relationships: tags",
        "PATCH",
        ONE,
        change(relationships={"variants": {"data": [VARIANT, ANOTHER]}}),
        200,
    ),
    Request("text/Updating To-One Relationships: author", "PATCH", OWNER, {"data": USER}, 403),
    Request("text/Updating To-One Relationships: clears", "PATCH", OWNER, {"data": None}, 403),
    Request(
        "text/Updating To-Many Relationships: replaces",
        "PATCH",
        VARIANTS,
        {"data": [VARIANT, ANOTHER]},
        403,
    ),
    Request("text/Updating To-Many Relationships: clears", "PATCH", VARIANTS, {"data": []}, 403),
    Request(
        "text/Updating To-Many Relationships: adds", "POST", VARIANTS, {"data": [VARIANT]}, 403
    ),
    Request(
        "text/Updating To-Many Relationships: removes",
        "DELETE",
        VARIANTS,
        {"data": [VARIANT, ANOTHER]},
        403,
    ),
]

REQUESTS = [*_SCHEMAS, *_TEXT]
