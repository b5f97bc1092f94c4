"""A server on IPv6 behind an nginx that speaks TLS and serves it below a path."""

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.machine import ipv6_loopback, openssl
from tests.nginx import Nginx
from tests.ports import free_port
from tests.server import Server

PATH = "/events/uploads"

# The first location is as docs/how-to/nginx.md shows it.
_SERVERS = """
server {{
    listen {{address}} ssl;
    ssl_certificate {folder}/certificate.pem;
    ssl_certificate_key {folder}/key.pem;
    client_max_body_size 36m;
    add_header Strict-Transport-Security "max-age=31536000" always;

    location {path}/ {{
        proxy_pass http://{upstream}/;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
    }}
    location / {{ return 410; }}
}}
"""


@dataclass
class Deployed:
    """What runs.

    Args:
        server: behind the proxy.
        base: what every address of it begins with.
        tls: trusts the proxy.
    """

    server: Server
    base: str
    tls: ssl.SSLContext


@contextmanager
def deployed_below_a_path(folder: Path) -> Iterator[Deployed]:
    """Start both, and stop them at the end."""
    _make_certificate(folder)
    port = free_port()
    base = f"https://127.0.0.1:{port}{PATH}"
    server = Server(folder, host=ipv6_loopback(), public_url=base, trusted_proxies="::1,127.0.0.1")
    try:
        servers = _SERVERS.format(folder=folder, path=PATH, upstream=server.address)
        proxy = Nginx(folder, servers, port)
        try:
            tls = ssl.create_default_context(cafile=str(folder / "certificate.pem"))
            yield Deployed(server, base, tls)
        finally:
            proxy.stop()
    finally:
        server.stop()


def _make_certificate(folder: Path) -> None:
    subprocess.run(  # noqa: S603 - the machine's own program
        [
            *(openssl(), "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", folder / "key.pem", "-out", folder / "certificate.pem"),
        ],
        check=True,
        capture_output=True,
    )
