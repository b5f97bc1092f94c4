"""Test that processor time is that of all processes, also of those that have ended."""

import sys
from pathlib import Path

from bench.process import running

_SECONDS = 0.5
# The kernel gives hundredths, rounded down: user and system time of two processes.
_ROUNDING = 0.1
_WORK = f"import time\nwhile time.process_time() < {_SECONDS}: pass\n"
# A child works and ends, then the process itself works and waits.
_PROGRAM = f"""
import subprocess, sys, time
subprocess.run([sys.executable, "-c", {_WORK!r}], check=True)
{_WORK}
print("ready", flush=True)
time.sleep(60)
"""


def test_ended_children_count(tmp_path: Path) -> None:
    with running("worker", 0, [sys.executable, "-c", _PROGRAM], {}, tmp_path) as server:
        server.wait_for(lambda: _expect_ready(server.log))
        used = server.processor_seconds()
        assert 2 * _SECONDS - _ROUNDING < used < 4 * _SECONDS


def _expect_ready(log: Path) -> None:
    if "ready" not in log.read_text():
        raise ConnectionRefusedError
