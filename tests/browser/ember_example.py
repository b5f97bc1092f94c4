"""Build `examples/ember` once, and tell it where the server is."""

import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

from tests.machine import one_process_at_a_time

EMBER = Path(__file__).parents[2] / "examples/ember"
# Of `config/environment.js`.
_DEFAULT_SERVER = "http://127.0.0.1:8000"
# In `app/services/server.js`.
TOKEN_KEY = "open-event-uploads-token"  # noqa: S105 - a name


def build(folder: Path, *, application: Path = EMBER) -> Path:
    """Build an application, whose packages are installed, into a folder; return the built page."""
    npm = shutil.which("npm")
    assert npm
    # Minifying takes longer than everything else, and changes nothing that these tests look at.
    options = ["--minify", "false", "--emptyOutDir", "--outDir", str(folder)]
    with one_process_at_a_time(application):
        built = subprocess.run(  # noqa: S603 - our own application
            [npm, "run", "build", "--", *options],
            cwd=application,
            env={key: value for key, value in os.environ.items() if key != "UPLOADS_SERVER"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "index.html"


def point_at(page: Path, server: str) -> None:
    """Change the address of the server in a built page, where Ember keeps its configuration."""
    before, after = quote(_DEFAULT_SERVER, safe=""), quote(server, safe="")
    html = page.read_text()
    assert html.count(before) == 1
    page.write_text(html.replace(before, after))
