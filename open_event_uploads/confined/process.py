"""Start and end a program of ours that handles hostile input, without our secrets."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping

from open_event_uploads.confined.channel import Channel

# Variables that the interpreter may need, and no others: ours contain secrets.
_ENVIRONMENT = ("PATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")

# A start takes 0.2 seconds of processor time; the machine may be busy.
_START_SECONDS = 60.0


class ConfinedProcess:
    """A running program, used by one thread at a time; `channel` connects to it.

    Args:
        module: the full name of a module that calls `serve_jobs`.
        environment: variables that it needs beside those of the interpreter.

    Raises:
        OSError, EOFError, ValueError: it could not be started.
    """

    def __init__(self, module: str, environment: Mapping[str, str]) -> None:
        jobs, their_jobs = socket.socketpair()
        their_answers, answers = socket.socketpair()
        self.channel = Channel(answers, jobs)
        with their_jobs, their_answers:
            try:
                self._process = _start_program(module, their_jobs, their_answers, environment)
            except BaseException:
                self.channel.close()
                raise
        try:
            self.channel.set_deadline(_START_SECONDS)
            self.channel.receive()
        except BaseException:
            self.end()
            raise

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Tell whether the process is running."""
        return self._process.poll() is None

    def wait(self, seconds: float) -> int | None:
        """Return the status with which the process exits, or None if it does not in this time."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def end(self) -> None:
        """Kill the process; it has no state to lose."""
        self.channel.close()
        self._process.kill()
        self._process.wait()

    def abandon(self) -> None:
        """Abandon a process that was started by the parent, after a fork."""
        self.channel.close()
        self._process.returncode = 0  # so that Popen does not wait for it


def _start_program(
    module: str, jobs: socket.socket, answers: socket.socket, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a module as a program, with sockets as its standard input and output."""
    # Not a fork, in which locks held by other threads would stay locked for ever.
    inherited = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    inherited["PYTHONPATH"] = os.pathsep.join(sys.path)
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-P", "-m", module],
        stdin=jobs.fileno(),
        stdout=answers.fileno(),
        env={**inherited, **environment},
    )
