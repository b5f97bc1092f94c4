"""The pages behind a proxy with TLS, below a path: nothing is fetched from elsewhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.below_a_path import Deployed, deployed_below_a_path
from tests.browser.conftest import OpenPage, sign_in
from tests.images import picture

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with deployed_below_a_path(tmp_path_factory.mktemp("deployed")) as running:
        yield running


def test_pages_and_their_scripts_use_addresses_below_the_path_alone(
    open_page: OpenPage, deployed: Deployed, tmp_path: Path
) -> None:
    asked: list[str] = []

    def listen(page: Page) -> None:
        page.on("request", lambda request: asked.append(request.url))

    page = open_page(f"{deployed.base}/v1/docs", listen, ignore_https_errors=True)
    expect(page.get_by_role("heading", name="Open Event Uploads")).to_be_visible()
    page.goto(f"{deployed.base}/admin/uploads/")
    sign_in(page, deployed.server.password)
    sea = tmp_path / "sea.png"
    sea.write_bytes(picture())
    page.locator("input[type=file]").set_input_files(sea)
    page.get_by_role("link", name="sea.png").first.click()
    expect(page.get_by_role("heading", name="sea.png")).to_be_visible()
    page.goto(f"{deployed.base}/admin/presets/")
    page.get_by_role("link", name="thumbnail", exact=True).click()
    page.get_by_label("Width").fill("50")
    expect(page.locator("[data-preview-status]")).not_to_be_empty()
    assert len(asked) > 20
    ours = (f"{deployed.base}/", f"blob:{deployed.base[:20]}", "data:")
    assert [each for each in asked if not each.startswith(ours)] == []
