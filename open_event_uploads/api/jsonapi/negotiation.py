"""Content negotiation (JSON:API 1.1, "Content Negotiation", "Server Responsibilities")."""

import re

from flask import request

from open_event_uploads.api.jsonapi.codec import MEDIA_TYPE
from open_event_uploads.errors import NotAcceptable, UnsupportedMediaType

_READS_A_DOCUMENT = frozenset({"POST", "PATCH"})

# RFC 9110, section 5.6.6: `;name=value` or `;name="quoted value"`, with optional white space.
_PARAMETER = re.compile(
    r"""[ \t]*;[ \t]*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)=([!#$%&'*+.^_`|~0-9A-Za-z-]+"""
    r"""|"(?:[^"\\]|\\.)*"))?[ \t]*"""
)
# A comma inside a quoted string does not end a list's element.
_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_MAX_HEADER_CHARACTERS = 2000


def negotiate() -> None:
    """Refuse what we could not read, and what could not read us.

    Raises:
        UnsupportedMediaType: the document is not JSON:API, or needs an extension.
        NotAcceptable: every JSON:API media type in Accept has a parameter we do not know.
    """
    if request.method in _READS_A_DOCUMENT and not _usable(request.headers.get("Content-Type", "")):
        raise UnsupportedMediaType(
            f"Send {MEDIA_TYPE} without parameters other than `profile`.",
            header="Content-Type",
            headers={"Accept": MEDIA_TYPE},
        )
    accept = request.headers.get("Accept", "")[:_MAX_HEADER_CHARACTERS]
    ours = [each for each in _ELEMENT.findall(accept) if _media_type(each) == MEDIA_TYPE]
    if ours and not any(_usable(each, weighted=True) for each in ours):
        raise NotAcceptable(
            f"Accept {MEDIA_TYPE} without parameters other than `profile`.", header="Accept"
        )


def _media_type(element: str) -> str:
    return element.partition(";")[0].strip().lower()


def _usable(element: str, *, weighted: bool = False) -> bool:
    """Whether this is the JSON:API media type with no parameter but `profile`.

    Args:
        element: one media type with its parameters.
        weighted: whether a `q` may follow, as in Accept.
    """
    if len(element) > _MAX_HEADER_CHARACTERS or _media_type(element) != MEDIA_TYPE:
        return False
    position = len(element.partition(";")[0])
    while position < len(element):
        match = _PARAMETER.match(element, position)
        if match is None:
            return False
        name = (match[1] or "").lower()
        if name == "q" and weighted:
            return match[2].strip('"') not in {"0", "0.0", "0.00", "0.000"}
        if name not in {"", "profile"}:
            return False
        position = match.end()
    return True
