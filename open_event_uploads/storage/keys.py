"""Storage keys: what we call the bytes. None of it comes from a client.

{uuid}.png                                    an original
variants/{uuid}-png/{digest}.webp             one of its variants
private/…                                     either, of a file that not everybody may see
pending/{uuid}.png                            what a client sent past us, and nobody has looked at
"""

import re
import uuid

_PRIVATE = "private/"
_PENDING = "pending/"
_VARIANTS = "variants"
_VARIANT = re.compile(
    rf"(?P<place>(?:{_PRIVATE})?){_VARIANTS}/(?P<stem>[0-9a-f-]{{36}})-(?P<extension>[a-z0-9]+)"
    r"/(?P<digest>[0-9a-f]+)\.(?P<type>[a-z0-9]+)"
)


def new_key(extension: str, *, private: bool) -> str:
    """A key for an original, which was never used before.

    Args:
        extension: of the format, without a dot.
        private: whether not everybody may see them.
    """
    return f"{_PRIVATE if private else ''}{uuid.uuid4()}.{extension}"


def new_pending_key(extension: str) -> str:
    """A key that a client may write to, once it was told; nothing is ever served from there.

    Args:
        extension: of the format that the client announces, without a dot.
    """
    return f"{_PENDING}{uuid.uuid4()}.{extension}"


def is_pending(key: str) -> bool:
    """Whether a client wrote what a key names."""
    return key.startswith(_PENDING)


def is_private(key: str) -> bool:
    """Whether not everybody may see what a key names."""
    return key.startswith(_PRIVATE)


def is_public_original(key: str) -> bool:
    """Whether a key names an original that everybody may see: those alone lie in no folder."""
    return "/" not in key


def variants_folder(key: str) -> str:
    """Where the variants of the original under a key lie, all of them."""
    # A folder's name holds no dot.
    place = _PRIVATE if is_private(key) else ""
    return f"{place}{_VARIANTS}/{key.removeprefix(_PRIVATE).replace('.', '-')}"


def original_key(key: str) -> str | None:
    """The key of the original that a variant's key names; None where it is no variant's."""
    match = _VARIANT.fullmatch(key)
    return f"{match['place']}{match['stem']}.{match['extension']}" if match else None


def digest_of_variant(key: str) -> str | None:
    """The digest of the preset that made what is under a key; None where it is no variant's."""
    match = _VARIANT.fullmatch(key)
    return match["digest"] if match else None


def extension_of_variant(key: str) -> str | None:
    """What the key of a variant ends with; None where it is no variant's."""
    match = _VARIANT.fullmatch(key)
    return match["type"] if match else None
