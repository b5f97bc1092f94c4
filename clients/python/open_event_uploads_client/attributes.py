"""The attributes that a client writes."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, TypedDict

Visibility = Literal["public", "private"]


class Attributes(TypedDict, total=False):
    """Attributes of an upload; those that are left out stay as they are.

    Keys:
        filename: what people call the file.
        alt: for people who cannot see the image.
        caption: shown below the image.
        credit: whose picture it is.
        visibility: `private` hides it from everyone but its owner, admins and holders of a link.
        expires_at: until when it is kept, with a time zone; None keeps it for good.
    """

    filename: str
    alt: str
    caption: str
    credit: str
    visibility: Visibility
    expires_at: datetime | None


def to_members(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes as a JSON:API document has them."""
    return {name.replace("_", "-"): _to_json(value) for name, value in attributes.items()}


def to_metadata(attributes: Mapping[str, Any]) -> str:
    """Return attributes as the value of `Upload-Metadata` (tus 1.0, "Creation")."""
    members = {name: value for name, value in to_members(attributes).items() if value is not None}
    return ",".join(
        f"{name} {b64encode(str(value).encode()).decode()}" for name, value in members.items()
    )


def _to_json(value: object) -> object:
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise ValueError(f"A time needs a time zone; {value} has none.")
    return value.isoformat()
