"""Connect to one of the addresses that were checked, and read from it within limits."""

import io
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from open_event_uploads.maintenance.fetch.address import Address
from open_event_uploads.maintenance.fetch.errors import FetchRefused

# Resolves a host and a port to IP addresses.
Resolve = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, in the order in which to try them.

    Raises:
        FetchRefused: it has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchRefused(f"{host} cannot be resolved: {error}") from None
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Deadline:
    """The end of the time that a fetch may take, and of each wait within it.

    Args:
        total_seconds: for everything.
        idle_seconds: for the next bytes.
    """

    def __init__(self, total_seconds: float, idle_seconds: float) -> None:
        self._ends = time.monotonic() + total_seconds
        self._idle_seconds = idle_seconds

    def apply_to(self, connection: socket.socket) -> None:
        """Bound the next call on a socket.

        Raises:
            FetchRefused: there is no time left.
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            raise FetchRefused("it takes too long")
        connection.settimeout(min(left, self._idle_seconds))


def connect(address: Address, ips: Sequence[str], deadline: Deadline) -> socket.socket:
    """Connect to the first IP address that accepts; with HTTPS, verify who answers.

    The host is not resolved again, so that what was checked is what is asked.

    Args:
        address: whose port is asked, and whose host the certificate must name.
        ips: that were checked.
        deadline: for the connection.

    Raises:
        FetchRefused: none accepts, or the certificate is not valid for this host.
    """
    problem = ""
    for ip in ips:
        family = socket.AF_INET6 if ":" in ip else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            deadline.apply_to(connection)
            connection.connect((ip, address.port))
            return _encrypt(connection, address) if address.scheme == "https" else connection
        except (OSError, ValueError) as error:
            connection.close()
            problem = str(error) or type(error).__name__
        except BaseException:
            connection.close()
            raise
    raise FetchRefused(f"cannot connect: {problem}")


def _encrypt(connection: socket.socket, address: Address) -> ssl.SSLSocket:
    # Verifies the chain and the name or the IP address, and sends the name (SNI) if it is one.
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context.wrap_socket(connection, server_hostname=address.host, suppress_ragged_eofs=False)


class BoundedReader(io.RawIOBase):
    """Bytes of a connection, at most so many and within the deadline.

    Args:
        connection: to read from.
        deadline: for all of it.
        max_bytes: that may be read; it can be raised later.
    """

    def __init__(self, connection: socket.socket, deadline: Deadline, max_bytes: int) -> None:
        self._connection = connection
        self._deadline = deadline
        self.left_bytes = max_bytes

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer
        """Read into a buffer.

        Raises:
            FetchRefused: there are too many bytes, or it takes too long.
        """
        if self.left_bytes <= 0:
            raise FetchRefused("the answer is too long")
        self._deadline.apply_to(self._connection)
        view = memoryview(buffer)[: self.left_bytes]
        try:
            count = self._connection.recv_into(view)
        except TimeoutError:
            raise FetchRefused("it is too slow") from None
        self.left_bytes -= count
        return count

    def close(self) -> None:
        """Close the connection."""
        with suppress(OSError):
            self._connection.close()
        super().close()
