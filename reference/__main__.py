"""Write what is made from the code: `python -m reference`; with `--check`, name what is stale."""

import sys
from collections.abc import Callable
from pathlib import Path

from reference.commands import commands_page
from reference.errors import errors_page
from reference.fields import fields_page
from reference.http import http_page
from reference.settings import environment_file, settings_page

ROOT = Path(__file__).parents[1]

FILES: dict[str, Callable[[], str]] = {
    "docs/reference/commands.md": commands_page,
    "docs/reference/errors.md": errors_page,
    "docs/reference/fields.md": fields_page,
    "docs/reference/http.md": http_page,
    "docs/reference/settings.md": settings_page,
    "deploy/settings.env": environment_file,
}


def stale_files() -> list[str]:
    """Return the paths whose content is not what the code says, relative to the checkout."""
    return [path for path, make in FILES.items() if _content(ROOT / path) != make()]


def main() -> int:
    """Write the stale files, or with `--check` only name them and return 1."""
    check = sys.argv[1:] == ["--check"]
    stale = stale_files()
    for path in stale:
        if check:
            sys.stderr.write(f"{path} is stale; run: python -m reference\n")
        else:
            (ROOT / path).write_text(FILES[path](), "utf-8")
            sys.stdout.write(f"{path}\n")
    return 1 if check and stale else 0


def _content(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
