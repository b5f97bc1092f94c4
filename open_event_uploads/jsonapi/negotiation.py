"""Content negotiation (JSON:API 1.1, "Content Negotiation", "Server Responsibilities")."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from open_event_uploads.current import current_g, current_request
from open_event_uploads.errors import NotAcceptable, UnsupportedMediaType
from open_event_uploads.jsonapi.codec import MEDIA_TYPE, Applied

ATOMIC = "https://jsonapi.org/ext/atomic"
CURSOR_PAGINATION = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/"

_EXTENSIONS = frozenset({ATOMIC})
_PROFILES = frozenset({CURSOR_PAGINATION})

# RFC 9110, section 5.6.6: `;name=value` or `;name="quoted value"`, with optional white space.
_PARAMETER = re.compile(
    r"""[ \t]*;[ \t]*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)=([!#$%&'*+.^_`|~0-9A-Za-z-]+"""
    r"""|"(?:[^"\\]|\\.)*"))?[ \t]*"""
)
# A comma inside a quoted string does not end a list's element.
_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
# RFC 9110, section 12.4.2.
_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
_MAX_ELEMENT_CHARACTERS = 2000
_MAX_KNOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class MediaType:
    """One instance of the JSON:API media type: the URIs in its parameters, and its `q`."""

    extensions: frozenset[str] = frozenset()
    profiles: frozenset[str] = frozenset()
    weight: float = 1.0


def negotiate(required: frozenset[str], *, reads: bool) -> None:
    """Refuse a document that cannot be read, and a client that cannot read ours.

    A document that is sent here must apply the required extensions.

    Raises:
        UnsupportedMediaType: the document is not JSON:API, or applies an unknown extension.
        NotAcceptable: every JSON:API media type in Accept has parameters that we do not support.
    """
    # A media type of JSON:API must be valid, whether the body is read or not ("Server
    # Responsibilities"); another one with a GET or DELETE is ignored.
    environ, g = current_request().environ, current_g()
    named = environ.get("CONTENT_TYPE", "")
    sent = MediaType()
    if reads or media_type_of(named) == MEDIA_TYPE:
        read = _known_sent if len(named) <= _MAX_KNOWN_CHARACTERS else _sent
        sent = read(named, required if reads else frozenset())
    # An extension in Accept applies at its own addresses alone: elsewhere Atomic Operations, for
    # one, would forbid `data`.
    g.json_api = Applied(required)
    accept = environ.get("HTTP_ACCEPT", "")
    read_accept = _known_accepted if len(accept) <= _MAX_KNOWN_CHARACTERS else _accepted
    g.profiles = sent.profiles | read_accept(accept).profiles


def apply_profile_if_asked(uri: str) -> bool:
    """Return whether the request asks for a profile, and name it in the answer then."""
    asked = uri in current_g().profiles
    if asked:
        apply_profile(uri)
    return asked


def apply_profile(uri: str) -> None:
    """Name in the answer a profile that it applies."""
    current_g().json_api.profiles.add(uri)


def _sent(content_type: str, required: frozenset[str]) -> MediaType:
    found = _parse(content_type)
    if found is None or found.extensions - _EXTENSIONS or required - found.extensions:
        expected = MEDIA_TYPE + "".join(f';ext="{uri}"' for uri in required)
        raise UnsupportedMediaType(
            f"Send {expected}; no parameter but `ext` and `profile` is allowed.",
            header="Content-Type",
            headers={"Accept": expected},
        )
    return found


def _accepted(accept: str) -> MediaType:
    """Return the instance of our media type in Accept that has the largest weight.

    Among equals one with a profile that the server has is more specific, so it comes first. If
    there is no instance, the server may answer as it likes (RFC 9110, section 12.5.1).
    """
    ours = [each for each in _ELEMENT.findall(accept) if media_type_of(each) == MEDIA_TYPE]
    parsed = [_parse(each, weighted=True) for each in ours]
    usable = [each for each in parsed if each and each.weight and each.extensions <= _EXTENSIONS]
    if ours and not usable:
        raise NotAcceptable(
            f"Accept {MEDIA_TYPE} without parameters other than `profile` and a known `ext`.",
            header="Accept",
        )
    return max(usable, key=_precedence, default=MediaType())


def _precedence(instance: MediaType) -> tuple[float, bool]:
    return instance.weight, not instance.profiles.isdisjoint(_PROFILES)


# A client sends the same headers each time.
_known_sent = lru_cache(maxsize=256)(_sent)
_known_accepted = lru_cache(maxsize=256)(_accepted)


def media_type_of(element: str) -> str:
    """Return the media type of a Content-Type, or of an element of Accept, without parameters."""
    return element.partition(";")[0].strip().lower()


def _parse(element: str, *, weighted: bool = False) -> MediaType | None:
    """Parse a JSON:API media type, in Accept `weighted` by a `q`; return None for any other."""
    if len(element) > _MAX_ELEMENT_CHARACTERS or media_type_of(element) != MEDIA_TYPE:
        return None
    values = {"ext": "", "profile": "", "q": "1"}
    allowed = values.keys() if weighted else {"ext", "profile"}
    seen = set[str | None]()
    for name, value in _parameters(element):
        # A repeated one could hide the other.
        if name is None or name not in allowed or name in seen:
            return None
        seen.add(name)
        values[name] = value
    if not _WEIGHT.fullmatch(values["q"]):
        return None
    # The Cursor Pagination profile is known by its address with either scheme.
    profiles = values["profile"].replace("http://jsonapi.org/", "https://jsonapi.org/").split()
    return MediaType(frozenset(values["ext"].split()), frozenset(profiles), float(values["q"]))


def _parameters(element: str) -> Iterator[tuple[str | None, str]]:
    """Yield each parameter; a name of None if the header is malformed."""
    position = len(element.partition(";")[0])
    while position < len(element):
        match = _PARAMETER.match(element, position)
        if match is None:
            yield None, ""
            return
        if match[1]:
            yield match[1].lower(), re.sub(r"\\(.)", r"\1", match[2].strip('"'))
        position = match.end()
