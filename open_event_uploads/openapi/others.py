"""Operations of the addresses that are not one resource's: entry point, bytes, this description."""

from typing import Any

from open_event_uploads.imaging.formats import FORMATS
from open_event_uploads.jsonapi.codec import MEDIA_TYPE
from open_event_uploads.openapi.atomic import atomic_operations
from open_event_uploads.openapi.open_event import open_event_files, open_event_image
from open_event_uploads.openapi.responses import Response, answer, errors
from open_event_uploads.openapi.sessions import sign_in
from open_event_uploads.uploads.sign_link import LONGEST

Operation = dict[str, Any]


def other_operations() -> dict[str, dict[str, Operation]]:
    """Path -> method -> operation; only those that the route table has are shown."""
    return {
        "/v1": {"GET": _entry_point()},
        "/v1/uploads/{id}/download-link": {"POST": _download_link()},
        "/v1/operations": {"POST": atomic_operations()},
        "/v1/upload/image": {"POST": open_event_image()},
        "/v1/upload/files": {"POST": open_event_files()},
        "/v1/auth/session": {"POST": sign_in("signIn")},
        "/auth/session": {"POST": sign_in("signInUnversioned")},
        "/media/{key}": {"GET": _bytes(), "HEAD": _bytes_without_body()},
        "/v1/openapi.json": {"GET": _this_document()},
        "/v1/docs": {"GET": _page("docs", "Read about this API", "text/html")},
        "/v1/docs/{asset}": {"GET": _page("docsAsset", "Fetch a part of that page", "*/*", 404)},
    }


def _entry_point() -> Operation:
    return {
        "tags": ["server"],
        "operationId": "entryPoint",
        "summary": "Find out who answers here, and where everything is",
        "parameters": ["ifNoneMatch"],
        "responses": {"200": answer(200, "MetaDocument"), "304": answer(304), **errors(400, 406)},
    }


def _download_link() -> Operation:
    seconds = {"type": "integer", "minimum": 1, "maximum": int(LONGEST.total_seconds())}
    meta = {"type": "object", "properties": {"expires-in": seconds}}
    document = {"type": "object", "properties": {"meta": meta}}
    example = {"meta": {"expires-in": 3600}}
    return {
        "tags": ["uploads"],
        "operationId": "downloadLink",
        "summary": "Get addresses of a private file and its variants that work for a while",
        "description": "Whoever holds one needs no token. They last 15 minutes if nothing is said.",
        "requestBody": {
            "required": False,
            "content": {MEDIA_TYPE: {"schema": document, "example": example}},
        },
        "responses": {
            "200": answer(200, "MetaDocument"),
            **errors(400, 403, 404, 406, 409, 413, 415, 422),
        },
    }


def _bytes() -> Operation:
    whole: Response = {**_file("The bytes."), "content": _pictures()}
    part: Response = {**_file("The part that Range asks for."), "content": _pictures()}
    return {
        "tags": ["media"],
        "operationId": "file",
        "summary": "Fetch the bytes",
        "description": (
            "An address never changes its bytes: those of a public file may be kept for ever. A "
            "private one is its owner's, admins' and whoever's has a download link."
        ),
        "parameters": [*_CONDITIONS, "ifMatch", "ifNoneMatch"],
        "responses": {
            "200": whole,
            "206": part,
            "304": answer(304),
            "307": _elsewhere(),
            **errors(404, 412, 416, 503),
        },
    }


def _elsewhere() -> Response:
    return {
        "description": "A private picture is fetched from the bucket, for a minute from there: "
        "where `UPLOADS_PRIVATE_REDIRECT` is on.",
        "headers": {"X-Request-Id": "X-Request-Id", "Location": "Location"},
    }


def _bytes_without_body() -> Operation:
    return {
        "tags": ["media"],
        "operationId": "fileHead",
        "summary": "Fetch what is known of the bytes",
        "parameters": ["ifMatch", "ifNoneMatch"],
        "responses": {
            "200": {**_file("What GET would say."), "content": _pictures()},
            "304": answer(304),
            **errors(404, 412, 503),
        },
    }


_CONDITIONS = [
    {
        "name": name,
        "in": "header",
        "description": text,
        "schema": {"type": "string", "examples": [example]},
    }
    for name, text, example in (
        ("Range", "The part that is wanted (RFC 9110, section 14).", "bytes=0-1023"),
        ("If-Range", "Only if the file still has this entity tag.", '"sha256:…"'),
    )
]


def _file(text: str) -> Response:
    return {"description": text, "headers": {"X-Request-Id": "X-Request-Id", "ETag": "ETag"}}


def _pictures() -> dict[str, dict[str, Any]]:
    """A schema without a rule: bytes have none (OpenAPI 3.1, "Working with Binary Data")."""
    return {each.media_type: {} for each in FORMATS}


def _this_document() -> Operation:
    return _page("openapi", "Fetch this description", "application/openapi+json")


def _page(name: str, summary: str, media_type: str, *problems: int) -> Operation:
    return {
        "tags": ["server"],
        "operationId": name,
        "summary": summary,
        "parameters": ["ifNoneMatch"],
        "responses": {
            "200": {"description": "It.", "content": {media_type: {}}},
            "304": answer(304),
            **errors(*problems),
        },
    }
