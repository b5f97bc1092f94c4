"""Convert a request of ASGI into one of WSGI (PEP 3333)."""

import sys

from open_event_uploads.server.asgi import Environ, Scope
from open_event_uploads.server.body import Input


def _variable(name: bytes) -> str:
    return f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}"


# The variables of the header fields that nearly every request has.
_USUAL = {
    b"content-type": "CONTENT_TYPE",
    b"content-length": "CONTENT_LENGTH",
    **{
        name: _variable(name)
        for name in (
            b"accept",
            b"accept-encoding",
            b"accept-language",
            b"authorization",
            b"connection",
            b"host",
            b"if-none-match",
            b"origin",
            b"referer",
            b"user-agent",
            b"x-forwarded-for",
        )
    },
}


def environ_of(scope: Scope, body: Input) -> Environ:
    """Return the environment of a request; one whose body is still awaited has an empty one."""
    client, server = scope["client"] or ("", 0), scope["server"] or ("", 0)
    return {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        # Bytes as Latin-1, as PEP 3333 demands.
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "RAW_URI": _raw_uri(scope),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        # The input ends where the body ends: reading on returns nothing, at once.
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **_fields(scope["headers"]),
    }


def _raw_uri(scope: Scope) -> str:
    query = scope["query_string"]
    path: bytes = scope.get("raw_path") or b""
    return (path + b"?" + query if query else path).decode("latin-1")


def _fields(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the header fields; one that comes several times is a list (RFC 9110, section 5.2)."""
    fields: dict[str, str] = {}
    for name, value in headers:
        # `X_Forwarded_For` would become the same variable as `X-Forwarded-For`, which a trusted
        # proxy has checked.
        if b"_" in name:
            continue
        key = _USUAL.get(name) or _variable(name)
        text = value.decode("latin-1")
        if key in fields:
            text = f"{fields[key]}{';' if key == 'HTTP_COOKIE' else ','}{text}"
        fields[key] = text
    return fields
