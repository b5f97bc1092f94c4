"""Start a worker of `serve`, which obeys a stop from its first moment on (granian 2.8)."""

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from open_event_uploads.app import create_gateway
from open_event_uploads.server.gateway import Gateway

_STOPS = (signal.SIGINT, signal.SIGTERM)

# How long a thread that computes keeps the interpreter's lock while others wait for it, the event
# loop among them; Python's default of 5 ms is often shorter than a request on a busy machine, and
# each change costs. Measured with one thread at work at a time: uploads 1.05 to 1.3 times as many.
_SWITCH_SECONDS = 0.02


def let_new_workers_stop() -> None:
    """Give each process that is forked from now on its own handlers of a stop.

    A fork inherits the handlers of its parent, and granian's only note the signal there: a worker
    that was told to end went on, and was killed 15 seconds later. Signals wait during a fork, so
    that none comes before the change.
    """
    # Since Python 3.14, whose default is no fork any more, granian would start each worker from
    # nothing: without these handlers, and in twice the time (measured: 7.4 seconds instead of 3.4
    # on a busy machine).
    multiprocessing.set_start_method("fork", force=True)
    os.register_at_fork(
        before=_hold_signals, after_in_parent=_release_signals, after_in_child=_reset_handlers
    )


def start_worker() -> Gateway:
    """Make what this worker runs; a signal from here on waits until its event loop runs.

    The handlers that granian sets in between note a signal, and the loop looks only at later ones.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    gateway = create_gateway()
    _hold_signals()
    loop = asyncio.get_event_loop()
    _pass_on_one_signal(loop)
    loop.call_soon(_release_signals)
    return gateway


def _pass_on_one_signal(loop: asyncio.AbstractEventLoop) -> None:
    """Let the handlers that granian adds be called once, whichever signals come.

    Told to end a second time, as by Ctrl+C and then by its parent, granian may wait for a lock with
    Python's, for which the holder of that lock waits: the worker is killed 15 seconds later.
    """
    add, is_told = loop.add_signal_handler, False

    def add_for_one(number: int, callback: Callable[..., object], *arguments: Any) -> None:  # noqa: ANN401 - as asyncio's
        def tell() -> None:
            nonlocal is_told
            if not is_told:
                is_told = True
                callback(*arguments)

        add(number, tell)

    loop.add_signal_handler = add_for_one  # type: ignore[method-assign, assignment]


def _hold_signals() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)


def _release_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)


def _reset_handlers() -> None:
    # A terminal sends Ctrl+C to all processes; the parent then ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _release_signals()
