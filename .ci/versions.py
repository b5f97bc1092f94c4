"""Compare the version of every package with each other, with the changelog and with a tag.

Usage: python .ci/versions.py [TAG]
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def versions() -> dict[str, str]:
    """Return the version that each file names."""
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    released = re.search(r"^## \[(\d[^\]]*)\] - \d{4}-\d\d-\d\d$", changelog, re.MULTILINE)
    package = json.loads((ROOT / "clients/js/package.json").read_text("utf-8"))
    return {
        "CHANGELOG.md": released[1] if released else "none",
        "clients/js/package.json": package["version"],
        **{
            each: _python_version(ROOT / each)
            for each in (
                "open_event_uploads/__init__.py",
                "clients/python/open_event_uploads_client/__init__.py",
            )
        },
    }


def _python_version(module: Path) -> str:
    found = re.search(r'^__version__ = "(.+)"$', module.read_text("utf-8"), re.MULTILINE)
    return found[1] if found else "none"


def main(tag: str | None) -> int:
    """Print what each file says, and return 1 if they do not agree."""
    found = versions()
    if tag:
        found["tag"] = tag.removeprefix("v")
    for name, version in found.items():
        print(f"{version:12} {name}")
    return int(len(set(found.values())) != 1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2] or [None]))
