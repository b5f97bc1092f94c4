"""Read the address of a file, strictly: what is read here is what is asked.

Two programs that read one address differently are how checks are passed by ("A New Era of SSRF",
Tsai 2017), so whatever has two readings is refused.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urljoin

from open_event_uploads.maintenance.fetch.errors import FetchRefused

MAX_CHARACTERS = 4000

_DEFAULT_PORTS = {"http": 80, "https": 443}

# RFC 3986, without what is never needed: user information, white space, control characters and the
# backslash, which browsers read as a slash.
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[^?#\\\x00-\x20\x7f]*)?"
    r"(?P<query>\?[^#\\\x00-\x20\x7f]*)?"
    r"(?:#[^\x00-\x20\x7f]*)?",
    # Without ASCII, other letters whose capital is S or K would be an s or k.
    re.IGNORECASE | re.ASCII,
)
_LABEL = re.compile("(?!-)[a-z0-9_-]{1,63}(?<!-)")

# What stays as it is in the target of a request; `%` begins an escape.
_SAFE = "/:?&=%+,;@!$'()*~[]-._|^{}`\"<>"


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a file.

    Args:
        scheme: of the request.
        host: a name in lower case without a dot at its end, or an IP address.
        port: 0 to 65535.
        target: the path and query of the request, in ASCII.
    """

    scheme: Literal["http", "https"]
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Return the value of the header Host (RFC 9110, section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        is_default = self.port == _DEFAULT_PORTS[self.scheme]
        return host if is_default else f"{host}:{self.port}"

    def __str__(self) -> str:
        """Return the address as a URL."""
        return f"{self.scheme}://{self.authority}{self.target}"


def read_address(text: str) -> Address:
    """Read an address.

    Raises:
        FetchRefused: it is not an address of HTTP, or could be read in two ways.
    """
    found = _ADDRESS.fullmatch(text) if len(text) <= MAX_CHARACTERS else None
    if found is None:
        raise FetchRefused(
            "expected an address such as https://example.org/a.png, without a user, spaces and "
            "backslashes; write a host with other than ASCII letters in Punycode"
        )
    scheme: Literal["http", "https"] = "https" if found["scheme"].lower() == "https" else "http"
    port = int(found["port"] or _DEFAULT_PORTS[scheme])
    if port > 65535:  # noqa: PLR2004 - RFC 9293
        raise FetchRefused(f"there is no port {port}")
    target = (found["path"] or "/") + (found["query"] or "")
    return Address(scheme, _host(found["host"].lower()), port, _encode(target))


def follow(address: Address, location: str) -> Address:
    """Return the address to which an answer redirects.

    Args:
        address: that was asked.
        location: of the answer; relative ones are allowed (RFC 9110, section 10.2.2).

    Raises:
        FetchRefused: it cannot be read, or leads from HTTPS to HTTP.
    """
    try:
        found = read_address(urljoin(str(address), location))
    except (ValueError, FetchRefused):
        raise FetchRefused("it redirects to what is no valid address") from None
    if address.scheme == "https" != found.scheme:
        raise FetchRefused("it redirects from HTTPS to HTTP")
    return found


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return str(ipaddress.IPv6Address(text[1:-1]))
        except ValueError:
            raise FetchRefused(f"{text} is no address of IPv6") from None
    name = text.removesuffix(".")
    labels = name.split(".")
    if not all(map(_LABEL.fullmatch, labels)):
        raise FetchRefused(f"{text} is no name of a host")
    # WHATWG URL, "ends in a number": such a host is an IPv4 address, and has many spellings.
    if re.fullmatch("[0-9]+|0x[0-9a-f]*", labels[-1]):
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError:
            raise FetchRefused(f"write the address {text} as four decimal numbers") from None
    return name


def _encode(target: str) -> str:
    try:
        return quote(target, _SAFE)
    except UnicodeEncodeError:
        raise FetchRefused("the address has half of a surrogate pair") from None
