"""Only the public Internet is asked."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.maintenance.fetch.errors import FetchRefused
from open_event_uploads.maintenance.fetch.networks import Permissions, is_public, read_network

ADDRESSES = st.one_of(
    st.ip_addresses(),
    # Those with an IPv4 address in them.
    st.ip_addresses(v=4).map(lambda each: IPv6Address(f"::ffff:{each}")),
    st.ip_addresses(v=4).map(lambda each: IPv6Address(f"64:ff9b::{each}")),
    st.ip_addresses(v=4).map(lambda each: IPv6Address((0x2002 << 112) | int(each) << 80)),
)


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",  # noqa: S104 - not bound
        "0.1.2.3",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "100::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::a9fe:a9fe",
        "fec0::1",
        "ff02::1",
        "fe80::1%1",
        "2001:4860:4860::8888%1",
        "no address",
    ],
)
def test_what_is_not_public_is_refused(text: str) -> None:
    with pytest.raises(FetchRefused):
        Permissions().check_addresses([text])


@pytest.mark.parametrize("text", ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:4860:4860::8888"])
def test_what_is_public_is_allowed(text: str) -> None:
    Permissions().check_addresses([text])


def test_one_address_that_is_not_public_is_enough() -> None:
    with pytest.raises(FetchRefused, match=r"10\.0\.0\.1"):
        Permissions().check_addresses(["8.8.8.8", "10.0.0.1"])
    with pytest.raises(FetchRefused):
        Permissions().check_addresses([])


@given(ADDRESSES)
def test_no_address_is_public_that_python_does_not_call_global(
    address: IPv4Address | IPv6Address,
) -> None:
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_private
        assert getattr(address, "ipv4_mapped", None) is None
        assert getattr(address, "sixtofour", None) is None


@given(st.ip_addresses(v=4))
def test_no_address_is_public_with_another_one_in_it(address: IPv4Address) -> None:
    for text in (f"::ffff:{address}", f"::{address}", f"64:ff9b::{address}"):
        assert not is_public(ip_address(text))
    assert not is_public(IPv6Address((0x2002 << 112) | int(address) << 80))


def test_networks_and_ports_can_be_allowed() -> None:
    found = Permissions((read_network("10.0.0.0/8"), read_network("::1")), (8080,))
    found.check_addresses(["10.1.2.3", "::1", "8.8.8.8"])
    for port in (80, 443, 8080):
        found.check_port(port)
    with pytest.raises(FetchRefused):
        found.check_addresses(["11.0.0.1", "192.168.0.1"])
    with pytest.raises(FetchRefused, match="--allow-port 6379"):
        found.check_port(6379)
