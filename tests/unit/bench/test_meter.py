"""Test that memory is what the processes hold, without the page cache."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import meter
from bench.meter import Meter, look_at
from tests.machine import cannot

_MIB = 1024 * 1024
_SIZE = 40
_ITSELF = "held = b'x' * size"
_CHILD = """
code = f"held = b'x' * {size}; import time; time.sleep(0.3)"
subprocess.run([sys.executable, "-c", code], check=True)
"""
_FILE = """
with open(sys.argv[1], "wb") as file:
    for _ in range(40):
        file.write(bytes(size // 40))
"""
_PROGRAM = """
import subprocess, sys
size = {size}
print("ready", flush=True)
sys.stdin.readline()
{what}
print("done", flush=True)
sys.stdin.readline()
"""

Held = Callable[[str], float]


@pytest.fixture(params=["control group", "shares"])
def held(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Held:
    """Measure the peak of a program above its start, in MiB."""
    if request.param == "shares":
        monkeypatch.setattr(meter, "_make_group", lambda _: None)

    def measure(what: str) -> float:
        program = _PROGRAM.format(size=_SIZE * _MIB, what=what)
        with subprocess.Popen(  # noqa: S603 - our own line
            [sys.executable, "-c", program, tmp_path / "file"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdin
            assert process.stdout
            with look_at(process.pid) as (how, look):
                if request.param not in how and request.param == "control group":
                    process.kill()
                    cannot("no control group can be made here")
                process.stdout.readline()
                with Meter(look) as watched:
                    process.stdin.write(b"\n")
                    process.stdin.flush()
                    process.stdout.readline()
            process.stdin.close()
        return watched.above_idle / _MIB

    return measure


def test_what_a_process_holds_is_counted(held: Held) -> None:
    assert held(_ITSELF) == pytest.approx(_SIZE, abs=8)


def test_so_is_what_another_process_of_it_holds_for_a_while(held: Held) -> None:
    # An interpreter of its own comes with it.
    assert _SIZE - 8 < held(_CHILD) < _SIZE + 30


def test_what_the_kernel_caches_is_not(held: Held) -> None:
    assert held(_FILE) < _SIZE / 4
