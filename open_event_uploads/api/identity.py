"""Who sends the request."""

from flask import g


def current_user_id() -> str | None:
    """The id of the user whom authentication found (it sets `g.user_id`); None for anybody."""
    found: str | None = g.get("user_id")
    return found
