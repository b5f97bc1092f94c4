"""What the server answers, as objects; members that are not known stay in `attributes`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload.

    Args:
        id: of the resource.
        filename: what people call the file.
        alt: for people who cannot see the image.
        caption: shown below the image.
        credit: whose picture it is.
        visibility: `public` or `private`.
        status: `ready`, or why it cannot be fetched.
        url: where the bytes are; None unless it is `ready`.
        media_type: what the bytes really are.
        size: in bytes.
        checksum: `sha256:` and the digest of the bytes, in hexadecimal digits.
        width: in pixels; None for files that have none.
        height: in pixels; None for files that have none.
        frames: 1 unless it is animated; None for files that have none.
        placeholder: a ThumbHash in base64.
        color: The dominant colour, as `#rrggbb`.
        expires_at: until when it is kept; None for good.
        created_at: when it was made.
        updated_at: when it was changed last.
        etag: of this state, to pass as `if_match`; None in lists, which have none.
        attributes: all of them by their names in JSON, also those that are newer than this client.
    """

    id: str
    filename: str
    alt: str
    caption: str
    credit: str
    visibility: str
    status: str
    url: str | None
    media_type: str | None
    size: int | None
    checksum: str | None
    width: int | None
    height: int | None
    frames: int | None
    placeholder: str | None
    color: str | None
    expires_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None
    etag: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, resource: Mapping[str, Any], etag: str | None = None) -> "Upload":
        """Read a resource object."""
        found: Mapping[str, Any] = resource.get("attributes") or {}
        members: dict[str, Any] = {name: found.get(name) or "" for name in _TEXTS}
        members |= {name: found.get(name.replace("_", "-")) for name in _OPTIONAL}
        members |= {name: _time(found.get(name.replace("_", "-"))) for name in _TIMES}
        return cls(id=resource["id"], **members, etag=etag, attributes=found)


_TEXTS = ("filename", "alt", "caption", "credit", "visibility", "status")
_OPTIONAL = (
    *("url", "media_type", "size", "checksum", "width", "height", "frames"),
    *("placeholder", "color"),
)
_TIMES = ("expires_at", "created_at", "updated_at")


@dataclass(frozen=True, slots=True)
class Variant:
    """A smaller copy of an image.

    Args:
        name: of its preset, such as `thumbnail`.
        url: where the bytes are, which may be made when they are first fetched.
        media_type: of the bytes.
        width: in pixels.
        height: in pixels.
    """

    name: str
    url: str
    media_type: str
    width: int
    height: int

    @classmethod
    def from_json(cls, resource: Mapping[str, Any]) -> "Variant":
        """Read a resource object."""
        found = resource["attributes"]
        return cls(**{name: found[name.replace("_", "-")] for name in cls.__slots__})


@dataclass(frozen=True, slots=True)
class DownloadLink:
    """Addresses that open a private file for a while.

    Args:
        url: of the file.
        variants: the addresses of its variants, by the names of their presets.
        expires_at: when they end; None for a public file, whose address does not.
    """

    url: str
    variants: Mapping[str, str]
    expires_at: datetime | None

    @classmethod
    def from_json(cls, meta: Mapping[str, Any]) -> "DownloadLink":
        """Read the `meta` of a document."""
        return cls(meta["url"], meta.get("variants") or {}, _time(meta.get("expires-at")))


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    Args:
        token: for the next requests; the client that signed in uses it already.
        device_token: store it, and pass it when this person signs in again from here.
    """

    token: str = field(repr=False)
    device_token: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Policies:
    """The limits of the server.

    Args:
        max_bytes: of one file.
        max_pixels: of one frame.
        media_types: of images that are accepted.
        file_types: of other files that are accepted.
        attributes: all of them by their names in JSON, also those that are newer than this client.
    """

    max_bytes: int
    max_pixels: int
    media_types: tuple[str, ...]
    file_types: tuple[str, ...]
    attributes: Mapping[str, Any] = field(repr=False)

    @classmethod
    def from_json(cls, resource: Mapping[str, Any]) -> "Policies":
        """Read a resource object."""
        found = resource["attributes"]
        types = {
            name: tuple(found[name.replace("_", "-")]) for name in ("media_types", "file_types")
        }
        return cls(found["max-bytes"], found["max-pixels"], **types, attributes=found)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
