"""Name the steps at which tests kill the program, stop it for a while or make it fail.

Without the environment variable `UPLOADS_TEST_FAULTS` at the start, each step is a call that does
nothing. With it, the folder that it names controls the faults: a file `armed` with the content `3`
kills the process group at the third step from then on, `3 EIO` makes that step fail with this
error, `3 pause` makes it last until the file changes; the file `passed` lists the steps that were
reached. A file `left-out` names flushes that are not done, so that a power cut loses what they
protect.
"""

import errno
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from fcntl import LOCK_EX, flock
from functools import partial
from pathlib import Path

VARIABLE = "UPLOADS_TEST_FAULTS"

_PAUSE_SECONDS = 0.002

STEPS = {
    "put.begin": "an object is about to be written",
    "put.written": "its bytes are written, not flushed",
    "put.flushed": "its bytes are flushed, the file has no name",
    "put.named": "the file is named, the folder is not flushed",
    "put.done": "the object is durable",
    "append.written": "bytes are written behind a growing object, not flushed",
    "append.flushed": "they are flushed, and the name of the object is",
    "append.acknowledge": "bytes of a request that goes on are durable, not acknowledged",
    "resumable.begun": "others are kept from the upload that is about to be made",
    "resumable.completed": "it is made, the pieces are still there",
    "resumable.removed": "no row names the pieces of an upload that was removed",
    "commit.begin": "a transaction is complete, not committed",
    "commit.done": "a transaction is committed, the client has no answer",
    "discard.begin": "no row names an object, which exists with its variants",
    "discard.variants": "its variants are deleted",
    "discard.done": "the object is deleted",
    "publish.read": "a direct upload has been read, not inspected",
    "sweep.remove": "the sweeper is about to delete an object",
    "move.copied": "an object was copied, not compared",
    "move.compared": "the copy was compared",
    "move.remove": "an object that was copied is about to be deleted in the previous storage",
}

FLUSHES = {
    "file": "fsync of a file",
    "folder": "fsync of a folder",
    "commit": "SQLite's at each commit (`synchronous=FULL`)",
}


def _do_nothing(step: str) -> None:
    pass


def _fail_if_armed(folder: Path, step: str) -> None:
    armed = folder / "armed"
    if not armed.exists():
        return
    if step not in STEPS:
        raise LookupError(step)
    fault = armed.read_text("ascii")
    number, _, kind = fault.partition(" ")
    if _count(folder / "passed", step) != int(number):
        return
    if not kind:
        os.killpg(os.getpgrp(), signal.SIGKILL)
    elif kind == "pause":
        _wait_while(armed, fault)
    else:
        code = getattr(errno, kind)
        raise OSError(code, os.strerror(code))


def _wait_while(armed: Path, fault: str) -> None:
    with suppress(FileNotFoundError):
        while armed.read_text("ascii") == fault:
            time.sleep(_PAUSE_SECONDS)


def _count(passed: Path, step: str) -> int:
    """Append a step and return how many there are; several processes may do so at once."""
    with passed.open("a+", encoding="ascii") as file:
        flock(file, LOCK_EX)
        file.write(f"{step}\n")
        file.seek(0)
        return len(file.readlines())


def _leave_out_nothing(flush: str) -> bool:  # noqa: ARG001 - as `_is_named`
    return False


def _is_named(folder: Path, flush: str) -> bool:
    if flush not in FLUSHES:
        raise LookupError(flush)
    left_out = folder / "left-out"
    return left_out.exists() and flush in left_out.read_text("ascii").split()


_FOLDER = os.environ.get(VARIABLE)

# Call this with the name of a step when it is reached.
reach: Callable[[str], None] = partial(_fail_if_armed, Path(_FOLDER)) if _FOLDER else _do_nothing

# Call this with the name of a flush before it; True if a test leaves it out.
is_left_out: Callable[[str], bool] = (
    partial(_is_named, Path(_FOLDER)) if _FOLDER else _leave_out_nothing
)
