"""The Authorization header, and signing in."""

from apispec import APISpec

from open_event_uploads.openapi.components import object_schema
from open_event_uploads.openapi.resource_route import Operation
from open_event_uploads.openapi.responses import errors, json_response

_SCHEME = "bearer"
_ABOUT = """\
A session from `POST /v1/auth/session`, a token (`oeu_…`) from `POST /v1/tokens` or the command \
line, or one of a service that the operator trusts. The scheme may be called `JWT`, too."""

# Optional: a response depends on the identity.
SECURITY: list[dict[str, list[str]]] = [{}, {_SCHEME: []}]


def add_security_scheme(spec: APISpec) -> None:
    """Describe the Authorization header."""
    spec.components.security_scheme(
        _SCHEME, {"type": "http", "scheme": "bearer", "description": _ABOUT}
    )


def sign_in(name: str) -> Operation:
    """Describe the operation that opens a session."""
    text = {"type": "string"}
    email, password = {**text, "format": "email"}, {**text, "format": "password"}
    device = {**text, "description": "From an earlier answer, to sign in while others try to."}
    sent = object_schema(
        ["email", "password"],
        email=email,
        password=password,
        device_token={**device, "type": ["string", "null"]},
    )
    answered = json_response(
        "Signed in.",
        object_schema(["access_token", "device_token"], access_token=text, device_token=text),
    )
    return {
        "tags": ["accounts"],
        "operationId": name,
        "summary": "Sign in, as Open Event's clients do",
        "description": "The session lasts an hour, and ends with the password. Send the device "
        "token with the next attempt from the same device, which then has attempts of its own.",
        "security": [],
        "requestBody": {"required": True, "content": {"application/json": {"schema": sent}}},
        "responses": {"200": answered, **errors(400, 401, 411, 413, 415, 422, 429, 503)},
    }
