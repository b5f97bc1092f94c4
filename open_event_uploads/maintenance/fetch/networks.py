"""Decide which IP addresses and ports may be asked: those of the public Internet.

The lists are the special-purpose registries of IANA (RFC 6890 and its updates) rather than
`ipaddress.is_global`, whose answers differ between versions of Python.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from open_event_uploads.maintenance.fetch.errors import FetchRefused

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network

PUBLIC_PORTS = (80, 443)

_NOT_PUBLIC_IPV4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network; 0.0.0.0 is this host
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # carrier-grade NAT; 100.100.100.200 has metadata at Alibaba
            "127.0.0.0/8",  # loopback
            "168.63.129.16/32",  # public, but at Azure it is the machine's own agent
            "169.254.0.0/16",  # link-local; 169.254.169.254 has metadata nearly everywhere
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments; 192.0.0.192 has metadata at Oracle
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
        ),
    )
)

# All that is assigned for use between networks. What lies outside are loopback, unspecified,
# IPv4-mapped and IPv4-compatible, NAT64 (64:ff9b::/96), unique local (metadata at fd00:ec2::254),
# link-local, site-local and multicast addresses.
_PUBLIC_IPV6 = IPv6Network("2000::/3")
_NOT_PUBLIC_IPV6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments, Teredo and ORCHID among them
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: has an IPv4 address in it
            "3fff::/20",  # documentation
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Permissions:
    """Networks that may be asked beside the public Internet.

    Args:
        networks: in which every address is allowed.
        ports: that are allowed beside 80 and 443.
    """

    networks: tuple[IpNetwork, ...] = ()
    ports: tuple[int, ...] = ()

    def check_port(self, port: int) -> None:
        """Check a port.

        Raises:
            FetchRefused: it is not one of the web.
        """
        if port not in PUBLIC_PORTS and port not in self.ports:
            raise FetchRefused(f"port {port} is not allowed (--allow-port {port} allows it)")

    def check_addresses(self, addresses: Sequence[str]) -> None:
        """Check all addresses of a host: one that is not public could be chosen at the next try.

        Raises:
            FetchRefused: there is none, or one is not public.
        """
        if not addresses:
            raise FetchRefused("the host has no address")
        for each in addresses:
            if not self._allows(_read(each)):
                raise FetchRefused(
                    f"{each} is not on the public Internet (--allow-network {each} allows it)"
                )

    def _allows(self, address: IpAddress) -> bool:
        return is_public(address) or any(address in each for each in self.networks)


def is_public(address: IpAddress) -> bool:
    """Return whether an address is on the public Internet, in the one form that it has there."""
    if isinstance(address, IPv4Address):
        return not any(address in each for each in _NOT_PUBLIC_IPV4)
    return address in _PUBLIC_IPV6 and not any(address in each for each in _NOT_PUBLIC_IPV6)


def read_network(text: str) -> IpNetwork:
    """Read a network such as 10.0.0.0/8, or one address.

    Raises:
        ValueError: it is none.
    """
    return ip_network(text)


def _read(text: str) -> IpAddress:
    try:
        found = ip_address(text)
    except ValueError:
        raise FetchRefused(f"{text} is no IP address") from None
    if "%" in text:
        raise FetchRefused(f"{text} is an address of one interface")
    return found
