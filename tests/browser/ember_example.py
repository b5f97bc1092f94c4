"""Build `examples/ember`, and tell it where the server is."""

import os
import shutil
from pathlib import Path
from urllib.parse import quote

from tests.commands import run_command
from tests.machine import node_with_packages, one_process_at_a_time

EMBER = Path(__file__).parents[2] / "examples/ember"
# Where the built example stays for the next process or run; `npm ci` removes it.
_KEPT = EMBER / "node_modules/.cache/tests"
# Of `config/environment.js`.
_DEFAULT_SERVER = "http://127.0.0.1:8000"
# In `app/services/server.js`.
TOKEN_KEY = "open-event-uploads-token"  # noqa: S105 - a name


def copy_example(folder: Path) -> Path:
    """Copy the built example, which is built again only after a change; return its page."""
    node_with_packages(EMBER)
    with one_process_at_a_time(EMBER):
        if not _is_current(_KEPT / "index.html"):
            _build(EMBER, _KEPT)
        shutil.copytree(_KEPT, folder, dirs_exist_ok=True)
    return folder / "index.html"


def build_with_packages_of_example(application: Path, folder: Path) -> Path:
    """Build an application that uses `node_modules` of the example; return its page."""
    # Embroider writes into that folder.
    with one_process_at_a_time(EMBER):
        _build(application, folder)
    return folder / "index.html"


def point_at(page: Path, server: str) -> None:
    """Change the address of the server in a built page, where Ember keeps its configuration."""
    before, after = quote(_DEFAULT_SERVER, safe=""), quote(server, safe="")
    html = page.read_text()
    assert html.count(before) == 1
    page.write_text(html.replace(before, after))


def _is_current(page: Path) -> bool:
    sources = [path for path in EMBER.iterdir() if path.is_file()]
    sources += [path for name in ("app", "config") for path in (EMBER / name).rglob("*")]
    return page.exists() and page.stat().st_mtime > max(path.stat().st_mtime for path in sources)


def _build(application: Path, folder: Path) -> None:
    npm = shutil.which("npm")
    assert npm
    # Minifying takes longer than everything else, and changes nothing that these tests look at.
    options = ["--minify", "false", "--emptyOutDir", "--outDir", str(folder)]
    run_command(
        *(npm, "run", "build", "--", *options),
        cwd=application,
        env={key: value for key, value in os.environ.items() if key != "UPLOADS_SERVER"},
    )
