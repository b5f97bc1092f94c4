"""Hold requests of a page back, so that a test sees what the page shows meanwhile."""

import pytest
from playwright.sync_api import Page, Route

_STEP_MILLISECONDS = 20
_LONGEST_WAIT_STEPS = 1500


class HeldRequests:
    """Requests of a page that wait until a test lets them go.

    Args:
        page: whose requests they are.
        url: of the requests, as Playwright's patterns say it.
        method: of the requests; any if None.
        most: how many are held; later ones pass. No limit if None.
    """

    def __init__(
        self, page: Page, url: str, method: str | None = None, most: int | None = None
    ) -> None:
        self._page = page
        self._method = method
        self._most = most
        self._held: list[Route] = []
        page.route(url, self._hold_or_pass)

    def wait_for(self, count: int) -> list[Route]:
        """Return what is held, once so many requests are."""
        for _ in range(_LONGEST_WAIT_STEPS):
            if len(self._held) >= count:
                return self._held
            self._page.wait_for_timeout(_STEP_MILLISECONDS)
        pytest.fail(f"{len(self._held)} of {count} requests have come.")

    def let_go(self) -> None:
        """Let every request go, and hold none from now on."""
        self._most = 0
        for each in self._held:
            each.fallback()

    def _hold_or_pass(self, route: Route) -> None:
        is_meant = self._method in {None, route.request.method}
        if is_meant and (self._most is None or len(self._held) < self._most):
            self._held.append(route)
        else:
            route.fallback()
