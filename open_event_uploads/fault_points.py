"""Named steps at which tests end the program, as a power cut might, or make a step fail.

Nothing of this is alive unless the environment variable `UPLOADS_TEST_FAULTS` names a folder when
the program starts: a step then costs a call that does nothing (docs/reliability.md has the figure).
In that folder a file `armed` says what is to happen: `3` ends the whole process group at the third
step from then on, `3 EIO` makes that step fail with this error; `passed` lists the steps so far.
"""

import errno
import os
import signal
from collections.abc import Callable
from fcntl import LOCK_EX, flock
from functools import partial
from pathlib import Path

VARIABLE = "UPLOADS_TEST_FAULTS"

STEPS = {
    "put.begin": "an object is about to be written",
    "put.written": "its bytes are written, and not flushed",
    "put.flushed": "they are flushed, and have no name",
    "put.named": "they have their name, which is not flushed",
    "put.done": "the object is durable",
    "commit.begin": "a change of the database is complete, and not committed",
    "commit.done": "it is committed, and nobody has been told",
    "discard.begin": "no row names an object any more, which is there with its variants",
    "discard.variants": "its variants are gone",
    "discard.done": "it is gone",
    "publish.read": "a direct upload has been read, and not judged",
    "sweep.remove": "the sweeper is about to remove an object",
    "move.copied": "an object was copied, and not compared",
    "move.compared": "its copy counts",
    "move.remove": "an object that was copied is about to be removed from the previous storage",
}


def _go_on(step: str) -> None:
    """Nobody is testing."""


def _judge(folder: Path, step: str) -> None:
    armed = folder / "armed"
    if not armed.exists():
        return
    if step not in STEPS:
        raise LookupError(step)
    at, _, error = armed.read_text("ascii").partition(" ")
    if _note(folder / "passed", step) != int(at):
        return
    if error:
        number = getattr(errno, error.strip())
        raise OSError(number, os.strerror(number))
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _note(passed: Path, step: str) -> int:
    """Write a step down, and count them; several processes may be at work."""
    with passed.open("a+", encoding="ascii") as file:
        flock(file, LOCK_EX)
        file.write(f"{step}\n")
        file.seek(0)
        return len(file.readlines())


def _chosen() -> Callable[[str], None]:
    folder = os.environ.get(VARIABLE)
    return partial(_judge, Path(folder)) if folder else _go_on


# Says that a step has been reached.
reach = _chosen()
