"""The address that a request comes from, through proxies.

A proxy appends the address that it was reached from to X-Forwarded-For, so only the right end of
that field was written by proxies; whatever a client wrote itself is to the left of it.
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from open_event_uploads.context import current_settings
from open_event_uploads.current import current_request

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Some proxies write the port, too; an IPv6 address is then in brackets.
_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}", re.ASCII)

# Providers give each customer at least so large a network (RFC 6177): a client with one of its
# addresses has 2 ** 64.
_IPV6_PREFIX = 64


def current_sender() -> str:
    """Return the address of the request's client; for IPv6, of its network of 64 bits."""
    environ = current_request().environ
    found = client_address(
        environ.get("REMOTE_ADDR") or "",
        environ.get("HTTP_X_FORWARDED_FOR", ""),
        current_settings().trusted_proxies,
    )
    if isinstance(found, IPv6Address):
        return str(ip_network((found, _IPV6_PREFIX), strict=False))
    return str(found)


def client_address(peer: str, forwarded: str, trusted: Iterable[Network]) -> Address | None:
    """Return the rightmost address that is no trusted proxy's.

    Args:
        peer: opened the connection.
        forwarded: X-Forwarded-For, whole.
        trusted: networks of the trusted proxies.

    Returns:
        The address; that of the last trusted proxy where the field names none before it; None where
        the peer has no address, as behind a local socket.
    """
    networks = tuple(trusted)
    address = _read(peer)
    for hop in reversed(forwarded.split(",")):
        if address is None or not any(address in network for network in networks):
            break
        before = _read(hop)
        if before is None:
            break
        address = before
    return address


def _read(text: str) -> Address | None:
    """Read an address; one of IPv4 in the spelling of IPv6 is the same (RFC 4291, 2.5.5.2)."""
    text = text.strip()
    match = _WITH_PORT.fullmatch(text)
    try:
        found = ip_address((match[1] or match[2]) if match else text.partition("%")[0])
    except ValueError:
        return None
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found
