"""Run a command to its end, as a test that needs what it prints or makes."""

import subprocess
from pathlib import Path
from typing import Any


def run_command(
    *command: str | Path,
    timeout_seconds: float = 300,
    **options: Any,  # noqa: ANN401 - those of `subprocess.run`
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; fail with what it printed if its status is not 0.

    Args:
        command: the program and its arguments.
        timeout_seconds: after which it is killed.
        options: of `subprocess.run`.
    """
    ended = subprocess.run(  # noqa: S603 - our own programs, and those of the machine
        command, capture_output=True, text=True, timeout=timeout_seconds, check=False, **options
    )
    assert ended.returncode == 0, f"{command}: {ended.stdout}{ended.stderr}"
    return ended
