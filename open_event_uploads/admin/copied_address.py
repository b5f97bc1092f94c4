"""Read an address that somebody copied from anywhere, to find the upload that it is of.

Every address of an upload, of its file or of a variant holds a UUID: that of a storage key
(`storage/keys.py`), or an id. So the host, the folders before it, the query behind it and the text
around it need not be understood, and an address that another host made is read, too.
"""

import html
import re
from dataclasses import dataclass
from urllib.parse import unquote

from open_event_uploads.database.types import ID_PATTERN

# A presigned URL with a session token has some 2,000 characters.
MAX_CHARACTERS = 4000
# Those of one upload: in an address that scales the picture of another address there are two.
_MAX_NAMES = 8
# As often as a form, a chat and a proxy may have encoded it.
_MAX_DECODINGS = 3

_NAME = re.compile(rf"(?<![0-9a-f]){ID_PATTERN}(?![0-9a-f])")
_URL = re.compile(r"https?://[^\s/]|(?:^|[\s\"'(=])/(?:/[^\s/]|(?:media|v1|admin)/)")
# Characters that are not seen, and come along from web pages and chats.
_UNSEEN = dict.fromkeys(map(ord, "\0\u00ad\u200b\u200c\u200d\u2060\ufeff"))


@dataclass(frozen=True, slots=True)
class CopiedAddress:
    """Hold what was read in an address that somebody copied.

    Args:
        names: UUIDs in their order, one of which may be the upload's id or that of its key.
        is_url: whether the text can be nothing else than a URL.
    """

    names: tuple[str, ...]
    is_url: bool


def read_copied_address(text: str) -> CopiedAddress | None:
    """Return what an address says; None for a text that is none.

    Args:
        text: a URL, a path, a storage key or an id: alone, in markup or in an answer of the API.
    """
    decoded = _decode(text[:MAX_CHARACTERS])
    # An address may have been broken into lines.
    names = _NAME.findall(decoded) or _NAME.findall("".join(decoded.split()))
    address = CopiedAddress(
        tuple(dict.fromkeys(names))[:_MAX_NAMES], is_url=_URL.search(decoded) is not None
    )
    return address if address.names or address.is_url else None


def _decode(text: str) -> str:
    """Undo what HTML, JSON and URLs do to an address."""
    text = html.unescape(text).replace("\\/", "/")
    for _ in range(_MAX_DECODINGS):
        text = unquote(text)
    return text.translate(_UNSEEN).lower()
