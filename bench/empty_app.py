"""An application that answers 404: granian needs one beside its static files."""

from collections.abc import Awaitable, Callable
from typing import Any

Send = Callable[[dict[str, Any]], Awaitable[None]]


async def application(scope: dict[str, Any], _: object, send: Send) -> None:
    """Answer 404 to everything (ASGI 3.0)."""
    if scope["type"] == "http":
        head = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 404, "headers": head})
        await send({"type": "http.response.body", "body": b""})
