"""How the program begins."""

import os
import subprocess
import sys
from pathlib import Path

_SAY = """
import gc, sys
from open_event_uploads import __main__ as start, cli
cli.main = lambda: print(gc.isenabled(), gc.get_freeze_count() > 10_000)
start.main()
"""


# Needed by few commands, few settings or few requests.
_LATER = {
    "alembic",
    "apispec",
    "boto3",
    "cryptography",
    "email_validator",
    "jwt",
    "mako",
    "pygments",
    "redis",
    "rich",
    "open_event_uploads.cli.move_storage",
}

_START = """
import sys
from open_event_uploads.cli import cli, worker
assert cli.get_command(None, "serve")
worker.create_gateway()
print(*sys.modules)
"""


def test_the_server_starts_without_what_is_rarely_needed(data_dir: Path) -> None:
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", _START],
        env={**os.environ, "UPLOADS_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    imported = set(ended.stdout.split())
    assert "open_event_uploads.cli.serve" in imported
    assert imported & _LATER == set()


def test_what_was_imported_is_never_looked_at_again_and_everything_else_is() -> None:
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", _SAY], capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stdout.split() == ["True", "True"]
