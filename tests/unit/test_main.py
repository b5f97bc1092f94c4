"""How the program begins."""

import subprocess
import sys

_SAY = """
import gc, sys
from open_event_uploads import __main__ as start, cli
cli.main = lambda: print(gc.isenabled(), gc.get_freeze_count() > 10_000)
start.main()
"""


def test_what_was_imported_is_never_looked_at_again_and_everything_else_is() -> None:
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", _SAY], capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stdout.split() == ["True", "True"]
