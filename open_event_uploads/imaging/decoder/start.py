"""Start a program of ours that handles hostile input, without our secrets."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping

# Variables that the interpreter may need, and no others: ours contain secrets.
_ENVIRONMENT = ("PATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def start_program(
    module: str, jobs: socket.socket, answers: socket.socket, *, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a module as a program.

    Args:
        module: its full name.
        jobs: becomes its standard input.
        answers: becomes its standard output.
        environment: variables that it needs beside those of the interpreter.
    """
    # Not a fork, in which locks held by other threads would stay locked for ever.
    inherited = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    inherited["PYTHONPATH"] = os.pathsep.join(sys.path)
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-P", "-m", module],
        stdin=jobs.fileno(),
        stdout=answers.fileno(),
        env={**inherited, **environment},
    )
