"""A server that listens on an address of IPv6, with a proxy that does too."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from tests.documents import COLLECTION, JSON_API, encode_upload
from tests.images import picture
from tests.machine import ipv6_loopback
from tests.server import Server

pytestmark = [
    pytest.mark.server,
    pytest.mark.default_stack("about addresses of clients"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(
        tmp_path_factory.mktemp("server"),
        host=ipv6_loopback(),
        workers="1",
        trusted_proxies="::1,2001:db8:ffff::/48",
        rate_limits="2/hour",
        anonymous_uploads="true",
    )
    yield running
    running.stop()


def post(server: Server, sender: str) -> int:
    """Upload as a stranger who reached a proxy from this address."""
    connection = HTTPConnection(server.address, timeout=30)
    try:
        sent = encode_upload(picture())
        headers = {"Content-Type": JSON_API, "X-Forwarded-For": sender}
        connection.request("POST", COLLECTION, sent, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_its_links_are_addresses_of_ipv6_and_answer(server: Server) -> None:
    base = f"http://[::1]:{server.port}"
    assert f"  uploads   {base}/v1/uploads" in server.log_lines()
    sent = encode_upload(picture())
    status, body = server.request("POST", COLLECTION, sent, JSON_API)
    made = json.loads(body)["data"]
    assert status == 201
    assert made["links"]["self"].startswith(f"{base}/v1/uploads/")
    assert made["attributes"]["url"].startswith(f"{base}/media/")
    assert server.get(made["links"]["self"])[0] == 200
    assert server.get(made["attributes"]["url"]) == (200, picture())


def test_a_limit_counts_a_network_of_64_bits_whatever_a_client_writes(server: Server) -> None:
    """A customer has at least so many addresses (docs/how-to/limits.md)."""
    senders = ["2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "198.51.100.7, [2001:db8:0:1::3]:4711"]
    assert [post(server, each) for each in senders] == [201, 201, 429]
    assert post(server, "2001:db8:0:2::1") == 201
    through_two = "2001:db8:0:2::5, 2001:db8:ffff::1"
    assert [post(server, through_two) for _ in range(2)] == [201, 429]
    assert post(server, "::ffff:192.0.2.1") == 201
