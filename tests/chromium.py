"""Launch the system's Chromium, for tests and measurements."""

import os

from playwright.sync_api import Browser, Playwright

from tests.machine import chromium


def launch_chromium(playwright: Playwright) -> Browser:
    """Launch the system's Chromium without a window."""
    # It refuses to confine pages where it runs as root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=chromium(), args=arguments)
