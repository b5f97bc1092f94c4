"""Whose address counts: the rightmost one that no trusted proxy has."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.server.client_address import client_address

Address = IPv4Address | IPv6Address

PROXIES: tuple[IPv4Network | IPv6Network, ...] = (
    IPv4Network("10.0.0.0/8"),
    IPv6Network("fd00::/8"),
)

anybody = st.ip_addresses().filter(
    lambda each: (
        not any(each in network for network in PROXIES) and not getattr(each, "ipv4_mapped", None)
    )
)
proxy = st.one_of(*(st.ip_addresses(network=network) for network in PROXIES))
# What a client may write into the field by itself.
forged = st.one_of(st.text(max_size=60), st.lists(st.ip_addresses().map(str)).map(", ".join))
space = st.sampled_from(["", " ", "\t", "  "])


def spellings(address: Address) -> st.SearchStrategy[str]:
    """The ways in which proxies write an address."""
    if isinstance(address, IPv4Address):
        return st.sampled_from([f"{address}", f"{address}:4711", f"::ffff:{address}"])
    full = address.exploded.upper()
    return st.sampled_from([f"{address}", full, f"[{address}]", f"[{address}]:4711"])


@st.composite
def forwarded_by_proxies(
    draw: st.DrawFn, address: Address, lie: str
) -> tuple[str, str, tuple[str, ...]]:
    """The peer, X-Forwarded-For, and its parts that are true."""
    hops = [address, *draw(st.lists(proxy, max_size=4))]
    true = [draw(space) + draw(spellings(each)) + draw(space) for each in hops]
    parts = [lie, *true] if lie or draw(st.booleans()) else true
    return str(draw(proxy)), ",".join(parts), tuple(true)


@given(data=st.data(), address=anybody, lie=forged)
def test_whatever_a_client_forges_its_own_address_counts(
    data: st.DataObject, address: Address, lie: str
) -> None:
    peer, forwarded, _ = data.draw(forwarded_by_proxies(address, lie))
    assert client_address(peer, forwarded, PROXIES) == address


@given(peer=anybody, forwarded=forged)
def test_without_a_trusted_proxy_the_field_says_nothing(peer: Address, forwarded: str) -> None:
    assert client_address(str(peer), forwarded, PROXIES) == peer
    assert client_address(str(peer), forwarded, ()) == peer


@given(peer=st.one_of(proxy.map(str), st.text(max_size=40)), forwarded=forged)
def test_any_field_gives_an_address_or_none(peer: str, forwarded: str) -> None:
    found = client_address(peer, forwarded, PROXIES)
    assert found is None or ip_address(str(found)) == found


@pytest.mark.parametrize(
    "forwarded", ["", " ", "unknown", "_hidden", "192.0.2.1, unknown", "1.2.3"]
)
def test_a_proxy_that_names_nobody_stands_for_itself(forwarded: str) -> None:
    assert client_address("10.0.0.1", forwarded, PROXIES) == IPv4Address("10.0.0.1")


def test_a_proxy_among_others_that_are_all_trusted_may_be_the_client() -> None:
    assert client_address("10.0.0.1", "10.0.0.3, 10.0.0.2", PROXIES) == IPv4Address("10.0.0.3")


def test_a_peer_without_an_address_is_nobody() -> None:
    assert client_address("", "192.0.2.1", PROXIES) is None


def test_an_address_with_a_zone_is_the_same_without() -> None:
    assert client_address("fe80::1%eth0", "", PROXIES) == IPv6Address("fe80::1")


def test_a_proxy_may_be_named_by_its_address() -> None:
    trusted = [ip_network("192.0.2.7")]
    assert client_address("192.0.2.7", "198.51.100.1", trusted) == IPv4Address("198.51.100.1")
    assert client_address("192.0.2.8", "198.51.100.1", trusted) == IPv4Address("192.0.2.8")
