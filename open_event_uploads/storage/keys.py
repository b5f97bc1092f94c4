"""Make and read storage keys. No part of a key comes from a client.

{uuid}.png                                    an original
variants/{uuid}-png/{digest}.webp             one of its variants
private/…                                     either, of an upload that is not public
pending/{uuid}.png                            written by a client directly, not inspected yet
partial/{uuid}                                bytes of an upload that has not arrived whole
"""

import re
import uuid
from collections.abc import Iterable

_PRIVATE = "private/"
_PENDING = "pending/"
_PARTIAL = "partial/"
_VARIANTS = "variants"
_VARIANT = re.compile(
    rf"(?P<place>(?:{_PRIVATE})?){_VARIANTS}/(?P<stem>[0-9a-f-]{{36}})-(?P<extension>[a-z0-9]+)"
    r"/(?P<digest>[0-9a-f]+)\.(?P<type>[a-z0-9]+)"
)


def new_key(extension: str, *, private: bool) -> str:
    """Make a fresh key for an original; the extension has no dot."""
    return f"{_PRIVATE if private else ''}{uuid.uuid4()}.{extension}"


def new_pending_key(extension: str) -> str:
    """Make a fresh key that a client may write to directly; nothing is ever served from it."""
    return f"{_PENDING}{uuid.uuid4()}.{extension}"


def possible_keys(stem: str, extensions: Iterable[str]) -> list[str]:
    """Return the keys that an original may have whose name before the dot is known.

    Args:
        stem: the name, a UUID.
        extensions: those of our keys, without a dot.
    """
    places = ("", _PRIVATE, _PENDING)
    return [f"{place}{stem}.{each}" for each in extensions for place in places]


def is_pending(key: str) -> bool:
    """Tell whether a client wrote the object directly."""
    return key.startswith(_PENDING)


def new_partial_key() -> str:
    """Make a fresh key for bytes of an upload that arrives in several requests."""
    return f"{_PARTIAL}{uuid.uuid4()}"


def is_partial(key: str) -> bool:
    """Tell whether the object holds bytes of an upload that has not arrived whole."""
    return key.startswith(_PARTIAL)


def is_private(key: str) -> bool:
    """Tell whether the object belongs to an upload that is not public."""
    return key.startswith(_PRIVATE)


def is_public_original(key: str) -> bool:
    """Tell whether the object is a public original: only those are in no folder."""
    return "/" not in key


def variants_folder(key: str) -> str:
    """Return the folder of all variants of an original."""
    # A folder's name holds no dot.
    place = _PRIVATE if is_private(key) else ""
    return f"{place}{_VARIANTS}/{key.removeprefix(_PRIVATE).replace('.', '-')}"


def original_key(key: str) -> str | None:
    """Return the key of a variant's original; None if the key is not a variant's."""
    match = _VARIANT.fullmatch(key)
    return f"{match['place']}{match['stem']}.{match['extension']}" if match else None


def digest_of_variant(key: str) -> str | None:
    """Return the digest of a variant's preset; None if the key is not a variant's."""
    match = _VARIANT.fullmatch(key)
    return match["digest"] if match else None


def extension_of_variant(key: str) -> str | None:
    """Return the extension of a variant's key; None if the key is not a variant's."""
    match = _VARIANT.fullmatch(key)
    return match["type"] if match else None
