"""Look for what keeps people out of a page, with axe-core."""

from pathlib import Path

from playwright.sync_api import Page

_AXE = Path(__file__).parents[1] / "clients/node_modules/axe-core/axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def assert_accessible(page: Page) -> None:
    """Fail if axe-core finds a violation on the page as it is now.

    The test needs the fixture `node`, which installs axe-core.
    """
    if not page.evaluate("'axe' in window"):
        # Not by a <script>, which the page's policy may forbid.
        page.evaluate(_AXE.read_text())
    found = page.evaluate("rules => axe.run({ runOnly: rules })", _RULES)
    assert found["passes"], "axe-core looked at nothing"
    assert [
        (each["id"], each["help"], [node["html"] for node in each["nodes"]])
        for each in found["violations"]
    ] == []
