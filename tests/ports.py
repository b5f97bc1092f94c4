"""Choose ports for the servers that tests start, and wait until they listen."""

import random
import socket
import time
from contextlib import ExitStack, suppress

# Below the range of which Linux takes ports for outgoing connections (ip_local_port_range).
_PORTS = range(10_000, 32_000)


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    (port,) = free_ports(1)
    return port


def free_ports(count: int) -> list[int]:
    """Return different loopback ports that nobody listens on.

    They are drawn at random, because several processes choose at once: another one could take the
    port that the kernel has just given before the server listens on it.
    """
    found: list[int] = []
    with ExitStack() as probes:
        while len(found) < count:
            port = random.choice(_PORTS)  # noqa: S311 - no secret
            probe = probes.enter_context(socket.socket())
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                found.append(port)
    return found


def listens_soon(port: int) -> bool:
    """Return whether somebody listens on a loopback port, now or within seconds."""
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return True
    return False
