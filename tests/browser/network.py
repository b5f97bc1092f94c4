"""Slow down and break the network of a page."""

import time

from playwright.sync_api import Page

from tests.cable import Cable


class Network:
    """The network of a page, which can be slow, and can be pulled.

    Args:
        cable: between the page and the server.
        page: whose browser knows whether it has a network.
        size: bytes of the file that goes through it.
    """

    def __init__(self, cable: Cable, page: Page, size: int) -> None:
        self._cable = cable
        self._size = size
        self._session = page.context.new_cdp_session(page)
        self._session.send("Network.enable")

    def slow_down(self) -> None:
        """Have a file take seconds, so that a test can act in the middle."""
        self._cable.bytes_a_second = self._size // 4

    def wait_for_a_third(self) -> None:
        """Wait until so much of a file has gone to the server."""
        until = self._cable.carried + self._size // 3
        while self._cable.carried < until:
            time.sleep(0.02)

    def pull(self) -> None:
        """Break every connection; the browser knows that it has no network."""
        self._set_offline(offline=True)
        self._cable.pull()

    def plug(self) -> None:
        """Accept connections again, and be fast."""
        self._cable.bytes_a_second = None
        self._cable.plug()
        self._set_offline(offline=False)

    def _set_offline(self, *, offline: bool) -> None:
        # Chromium alone goes on with the bytes of a request that has begun (156).
        conditions = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self._session.send("Network.emulateNetworkConditions", {"offline": offline, **conditions})
