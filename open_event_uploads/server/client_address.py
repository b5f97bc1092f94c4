"""Which address a request comes from, when proxies stand between.

A proxy appends the address that it was reached from to X-Forwarded-For, so only the right end of
that field was written by proxies; whatever a client wrote itself stands to the left of it.
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from flask import request

from open_event_uploads.context import current_settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Some proxies write the port, too; an IPv6 address then stands in brackets.
_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}", re.ASCII)

# What one customer of a provider is given at least (RFC 6177): whoever has one address of it
# has 2 ** 64.
_IPV6_PREFIX = 64


def current_sender() -> str:
    """The address of the client at work; for IPv6, of its network of 64 bits."""
    found = client_address(
        request.environ.get("REMOTE_ADDR") or "",
        request.headers.get("X-Forwarded-For", ""),
        current_settings().trusted_proxies,
    )
    if isinstance(found, IPv6Address):
        return str(ip_network((found, _IPV6_PREFIX), strict=False))
    return str(found)


def client_address(peer: str, forwarded: str, trusted: Iterable[Network]) -> Address | None:
    """The rightmost address that is no trusted proxy's.

    Args:
        peer: who opened the connection.
        forwarded: X-Forwarded-For, whole.
        trusted: networks of the proxies that are believed.

    Returns:
        The address; that of the last proxy that is believed where the field names none before it;
        None where the peer has no address, as behind a local socket.
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
    """An address; one of IPv4 that is spelled in IPv6 is the same (RFC 4291, section 2.5.5.2)."""
    text = text.strip()
    match = _WITH_PORT.fullmatch(text)
    try:
        found = ip_address((match[1] or match[2]) if match else text.partition("%")[0])
    except ValueError:
        return None
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found
