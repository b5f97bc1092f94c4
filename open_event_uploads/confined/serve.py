"""Do jobs in a confined process, with sockets as standard input and output.

The process ends when the other end is closed, which the kernel does however the process that
started it ends; limits bound a job in progress. PR_SET_PDEATHSIG would not work: it is tied to the
*thread* that started the process, and the server ends idle threads.
"""

import os
import signal
import socket
from collections.abc import Callable

from open_event_uploads.confined.channel import Channel
from open_event_uploads.confined.limits import confine

_STANDARD_INPUT, _STANDARD_OUTPUT = 0, 1


def serve_jobs(do_one: Callable[[Channel], None]) -> None:
    """Confine this process, and do one job after another until the other end is closed.

    Args:
        do_one: receives a job and sends its answer.
    """
    # Meant for the process that started this one, which may need it to finish.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    confine()
    channel = Channel(socket.socket(fileno=_STANDARD_INPUT), _take_standard_output())
    try:
        channel.send(b"ready")
        while True:
            do_one(channel)
    except (EOFError, ConnectionError):
        return


def _take_standard_output() -> socket.socket:
    """Return the socket; what a library prints must not reach it."""
    answers = socket.socket(fileno=os.dup(_STANDARD_OUTPUT))
    os.dup2(os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC), _STANDARD_OUTPUT)
    return answers
