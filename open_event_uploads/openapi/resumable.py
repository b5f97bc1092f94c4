"""The addresses of resumable uploads, by tus 1.0."""

from typing import Any

from open_event_uploads.openapi.components import name_of
from open_event_uploads.openapi.parameters import header
from open_event_uploads.openapi.resource_route import Operation
from open_event_uploads.openapi.responses import Response, errors, success
from open_event_uploads.uploads.resumable import tus
from open_event_uploads.uploads.schema import UploadSchema

_STATE = ("Tus-Resumable", "Upload-Offset", "Upload-Expires", "Content-Location")
_DOCUMENT = name_of(UploadSchema.Meta.type_, "Document")
_FAILURES = (400, 406, 412, 503)
_REFUSALS = (403, 409, 413, 415, 422, 423, 429, 460, 507, *_FAILURES)

_BYTES = {"type": "integer", "minimum": 0}
_VERSION = {
    "name": "Tus-Resumable",
    "in": "header",
    "description": "The version of the protocol.",
    "required": True,
    "schema": {"type": "string", "const": tus.VERSION},
}
_CHECKSUM = header(
    "Upload-Checksum",
    "The checksum of this body: the algorithm and the digest in base64.",
    "sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
)


def _number(name: str, text: str, example: int) -> dict[str, Any]:
    schema = {**_BYTES, "examples": [example]}
    return {"name": name, "in": "header", "description": text, "schema": schema}


_LENGTH = _number("Upload-Length", "The length of the whole file in bytes.", 20971520)


def resumable_collection() -> dict[str, Operation]:
    """Describe the address at which uploads begin."""
    return {
        "POST": {
            "tags": ["resumable uploads"],
            "operationId": "resumableCreate",
            "summary": "Begin a resumable upload",
            "description": (
                "The length is announced, or deferred. The body may hold the first bytes. With "
                "`Upload-Concat: final;…` finished parts become one upload. Where an upload was "
                "made, and Accept names JSON:API, the answer has its document."
            ),
            "parameters": [
                _VERSION,
                _LENGTH,
                header("Upload-Defer-Length", "1 if the length is not known yet.", "1"),
                header(
                    "Upload-Metadata",
                    "`filename` and other attributes, each with its value in base64.",
                    "filename c3RhZ2UucG5n,alt VGhlIHN0YWdl",
                ),
                header(
                    "Upload-Concat",
                    "`partial`, or `final;` and the addresses of parts.",
                    "partial",
                ),
                _CHECKSUM,
            ],
            "requestBody": _body(required=False),
            "responses": {
                # One that began no whole file has no body.
                "201": _with_headers(201, "Location", *_STATE),
                **errors(404, *_REFUSALS),
            },
        }
    }


def resumable_detail() -> dict[str, Operation]:
    """Describe the address of one unfinished upload."""
    return {
        "HEAD": {"operationId": "resumableRead", **_state()},
        # Where the draft of the IETF is offered.
        "GET": {"operationId": "resumableReadByGet", **_state()},
        "PATCH": {
            "tags": ["resumable uploads"],
            "operationId": "resumableAppend",
            "summary": "Send further bytes of an upload",
            "description": (
                "The last ones are answered when the upload has been made: with its document where "
                "Accept names JSON:API."
            ),
            "parameters": [*_appending(), _VERSION],
            "requestBody": _body(required=True),
            "responses": {
                "200": _with_document(200, *_STATE),
                "204": _with_headers(204, *_STATE),
                **errors(404, *_REFUSALS),
            },
        },
        "DELETE": {
            "tags": ["resumable uploads"],
            "operationId": "resumableDelete",
            "summary": "Give up an unfinished upload",
            "parameters": [_VERSION],
            "responses": {"204": _with_headers(204), **errors(404, 409, 423, *_FAILURES)},
        },
        "POST": {
            "tags": ["resumable uploads"],
            "operationId": "resumableOverride",
            "summary": "HEAD, PATCH or DELETE for clients that can only POST",
            "parameters": [
                header("X-HTTP-Method-Override", "The method that is meant.", "PATCH"),
                *_appending(),
                _VERSION,
            ],
            "requestBody": _body(required=False),
            "responses": {
                "200": _with_document(200, *_STATE),
                "204": _with_headers(204, *_STATE),
                **errors(404, 405, *_REFUSALS),
            },
        },
    }


def _state() -> Operation:
    return {
        "tags": ["resumable uploads"],
        "summary": "Ask how much of an upload has been received",
        "description": "A finished one names the upload that it became for a day.",
        "responses": {
            "204": _with_headers(
                204,
                *_STATE,
                "Upload-Length",
                "Upload-Defer-Length",
                "Upload-Metadata",
                "Upload-Concat",
            ),
            **errors(404, 423, *_FAILURES),
        },
    }


def resumable_headers() -> dict[str, dict[str, Any]]:
    """Return the response headers of these addresses, by component name."""
    return {
        "Content-Location": _header("The address of the upload that was made.", format="uri"),
        "Tus-Resumable": _header("The version of the protocol."),
        "Upload-Concat": _header("As it was sent."),
        "Upload-Defer-Length": _header("1 as long as the length is not known."),
        "Upload-Expires": _header("When an unfinished upload is removed, unless bytes come."),
        "Upload-Length": {"description": "The length of the whole file.", "schema": _BYTES},
        "Upload-Metadata": _header("As it was sent."),
        "Upload-Offset": {"description": "How many bytes are received.", "schema": _BYTES},
    }


def _appending() -> list[dict[str, Any]]:
    offset = _number("Upload-Offset", "Where the bytes belong: how many there are.", 1048576)
    return [offset, _LENGTH, _CHECKSUM]


def _body(*, required: bool) -> dict[str, Any]:
    return {"required": required, "content": {tus.MEDIA_TYPE: {}}}


def _with_headers(status: int, *names: str) -> Response:
    found = success(status)
    return {**found, "headers": {each: each for each in ("X-Request-Id", *names)}}


def _with_document(status: int, *names: str) -> Response:
    return success(status, _DOCUMENT) | _with_headers(status, *names)


def _header(description: str, **form: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string", **form}}
