"""Take the pictures that the documentation shows, where they are asked for."""

import os
from pathlib import Path

from playwright.sync_api import Locator, Page

# A folder, such as `docs/how-to/upload-element`.
_FOLDER = os.environ.get("UPLOADS_TEST_PICTURES", "")


def take_picture(shown: Page | Locator, name: str) -> None:
    """Write what is shown to a file of this name in the folder, if there is one."""
    if _FOLDER:
        shown.screenshot(path=Path(_FOLDER) / name)


def picture_folder(otherwise: Path) -> Path:
    """Return the folder where pictures are asked for, else another one."""
    return Path(_FOLDER) if _FOLDER else otherwise
