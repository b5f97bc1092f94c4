"""A request and its response, seen from outside."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.jsonapi_document.node import refuse

MEDIA_TYPE = "application/vnd.api+json"
ATOMIC = "https://jsonapi.org/ext/atomic"

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - RFC 9110, section 5.6.2
_PARAMETER = re.compile(rf'[ \t]*;[ \t]*({_TOKEN})=("(?:[^"\\]|\\.)*"|{_TOKEN})')
_ABSOLUTE_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?@!$&'()*+,;=%-]+")


def path_of(url: str) -> list[str]:
    """Return the segments of a path, decoded; a version in front is left out."""
    segments = [unquote(each) for each in urlsplit(url).path.split("/") if each]
    return segments[1:] if segments and re.fullmatch(r"v\d+", segments[0]) else segments


@dataclass(frozen=True)
class Answer:
    """One exchange; see `check_response` for the members."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    sent: bytes | None = None

    def header(self, name: str) -> str | None:
        """A response header; names have no case."""
        return {key.lower(): value for key, value in self.headers.items()}.get(name.lower())

    @property
    def success(self) -> bool:
        """Whether the request succeeded."""
        return 200 <= self.status < 300

    @cached_property
    def path(self) -> list[str]:
        """Return the segments of the request's path."""
        return path_of(self.url)

    @property
    def about_relationship(self) -> bool:
        """Whether the address is a relationship's own ("Fetching Relationships")."""
        return len(self.path) == 4 and self.path[2] == "relationships"  # type, id, this, its name

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        """The request's query parameters, decoded."""
        return parse_qsl(urlsplit(self.url).query, keep_blank_values=True)

    @cached_property
    def fieldsets(self) -> dict[str, set[str]]:
        """Type -> the fields the client restricted it to ("Sparse Fieldsets")."""
        return {
            name[len("fields[") : -1]: set(filter(None, value.split(",")))
            for name, value in self.query
            if name.startswith("fields[") and name.endswith("]")
        }

    @cached_property
    def include(self) -> list[str] | None:
        """The relationship paths the client wants included; None where it does not say."""
        values = [value for name, value in self.query if name == "include"]
        return [path for value in values for path in value.split(",") if path] if values else None

    def check_content_type(self) -> None:
        """Refuse a media type that is not JSON:API's, or has parameters it must not have."""
        _ = self._parameters

    @property
    def extensions(self) -> list[str]:
        """URIs of the applied extensions."""
        return self._parameters.get("ext", [])

    @property
    def profiles(self) -> list[str]:
        """URIs of the applied profiles."""
        return self._parameters.get("profile", [])

    @cached_property
    def _parameters(self) -> dict[str, list[str]]:
        """ "Rules for Media Type Parameters": only `ext` and `profile`, lists of URIs, quoted."""
        content_type = self.header("Content-Type") or ""
        name, semicolon, rest = content_type.partition(";")
        if name.strip().lower() != MEDIA_TYPE:
            refuse("", f"the Content-Type must be {MEDIA_TYPE}, not `{content_type}`")
        found: dict[str, list[str]] = {}
        position = 0
        while position < len(semicolon + rest):
            match = _PARAMETER.match(semicolon + rest, position)
            if match is None:
                refuse("", f"the Content-Type `{content_type}` is malformed")
            parameter = match[1].lower()
            if parameter not in {"ext", "profile"} or parameter in found:
                refuse("", f"the Content-Type's parameter `{parameter}` is not allowed here")
            found[parameter] = _uris(parameter, match[2])
            position = match.end()
        return found


def _uris(parameter: str, value: str) -> list[str]:
    if not value.startswith('"'):
        refuse("", f"the Content-Type's `{parameter}` must be quoted")
    uris = value[1:-1].split(" ")
    for uri in uris:
        if not _ABSOLUTE_URI.fullmatch(uri):
            refuse("", f"the Content-Type's `{parameter}` must be URIs with a space between them")
    return uris
