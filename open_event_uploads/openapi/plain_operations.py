"""Operations of the routes that are plain functions: entry point, bytes, this description."""

from open_event_uploads.imaging.formats import FORMATS
from open_event_uploads.jsonapi.codec import MEDIA_TYPE
from open_event_uploads.openapi.atomic import atomic_operations
from open_event_uploads.openapi.components import object_schema
from open_event_uploads.openapi.open_event import open_event_files, open_event_image
from open_event_uploads.openapi.parameters import header
from open_event_uploads.openapi.resource_route import Operation
from open_event_uploads.openapi.responses import Response, errors, success
from open_event_uploads.openapi.resumable import resumable_collection, resumable_detail
from open_event_uploads.openapi.security import sign_in
from open_event_uploads.uploads.files.sign_link import LONGEST


def plain_operations() -> dict[str, dict[str, Operation]]:
    """Return path -> method -> operation; only routes of the application are described."""
    return {
        "/v1": {"GET": _entry_point()},
        "/v1/uploads/{id}/download-link": {"POST": _download_link()},
        "/v1/uploads/resumable": resumable_collection(),
        "/v1/uploads/resumable/{id}": resumable_detail(),
        "/v1/operations": {"POST": atomic_operations()},
        "/v1/upload/image": {"POST": open_event_image()},
        "/v1/upload/files": {"POST": open_event_files()},
        "/v1/auth/session": {"POST": sign_in("signIn")},
        "/auth/session": {"POST": sign_in("signInUnversioned")},
        "/media/{key}": {"GET": _bytes(), "HEAD": _bytes_without_body()},
        "/v1/openapi.json": {
            "GET": _page("openapi", "Fetch this description", "application/openapi+json")
        },
        "/v1/docs": {"GET": _page("docs", "Read about this API", "text/html")},
        "/v1/docs/{asset}": {"GET": _page("docsAsset", "Fetch a file of that page", "*/*", 404)},
    }


def _entry_point() -> Operation:
    return {
        "tags": ["server"],
        "operationId": "entryPoint",
        "summary": "Fetch the server's name, version and addresses",
        "parameters": ["ifNoneMatch"],
        "responses": {"200": success(200, "MetaDocument"), "304": success(304), **errors(400, 406)},
    }


def _download_link() -> Operation:
    seconds = {"type": "integer", "minimum": 1, "maximum": int(LONGEST.total_seconds())}
    meta = object_schema([], **{"expires-in": seconds})
    document = object_schema([], meta=meta)
    example = {"meta": {"expires-in": 3600}}
    return {
        "tags": ["uploads"],
        "operationId": "downloadLink",
        "summary": "Get URLs of a private file and its variants that expire",
        "description": "They work without a token, for 15 minutes by default.",
        "requestBody": {
            "required": False,
            "content": {MEDIA_TYPE: {"schema": document, "example": example}},
        },
        "responses": {
            "200": success(200, "MetaDocument"),
            **errors(400, 403, 404, 406, 409, 413, 415, 422),
        },
    }


def _bytes() -> Operation:
    return {
        "tags": ["media"],
        "operationId": "file",
        "summary": "Fetch the bytes",
        "description": (
            "The bytes at a URL never change; those of a public file may be cached for ever. A "
            "private file needs the token of its owner or an admin, or a download link."
        ),
        "parameters": [*_CONDITIONS, "ifMatch", "ifNoneMatch"],
        "responses": {
            "200": _file("The bytes."),
            "206": _file("The range of bytes."),
            "304": success(304),
            "307": _redirect(),
            **errors(404, 412, 416, 503),
        },
    }


def _redirect() -> Response:
    return {
        "description": "A URL of the bucket for a private image, valid for a minute; only if "
        "`UPLOADS_PRIVATE_REDIRECT` is on.",
        "headers": {"X-Request-Id": "X-Request-Id", "Location": "Location"},
    }


def _bytes_without_body() -> Operation:
    return {
        "tags": ["media"],
        "operationId": "fileHead",
        "summary": "Fetch the headers of the bytes",
        "parameters": ["ifMatch", "ifNoneMatch"],
        "responses": {
            "200": _file("The headers of GET."),
            "304": success(304),
            **errors(404, 412, 503),
        },
    }


_CONDITIONS = [
    header("Range", "The range of bytes (RFC 9110, section 14).", "bytes=0-1023"),
    header("If-Range", "Only if the file still has this entity tag.", '"sha256:…"'),
]


def _file(text: str) -> Response:
    """Describe each media type by an empty schema (OpenAPI 3.1, "Working with Binary Data")."""
    return {
        "description": text,
        "headers": {"X-Request-Id": "X-Request-Id", "ETag": "ETag"},
        "content": {each.media_type: {} for each in FORMATS},
    }


def _page(name: str, summary: str, media_type: str, *problems: int) -> Operation:
    return {
        "tags": ["server"],
        "operationId": name,
        "summary": summary,
        "parameters": ["ifNoneMatch"],
        "responses": {
            "200": {"description": "The document.", "content": {media_type: {}}},
            "304": success(304),
            **errors(*problems),
        },
    }
