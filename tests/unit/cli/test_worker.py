"""A worker that is told to end in its first moments."""

import signal
import subprocess
import sys

import pytest

FORK = """
import os, signal, time
from open_event_uploads.cli import worker

for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: None)
worker.let_new_workers_stop()
for _ in range(50):
    child = os.fork()
    if not child:
        time.sleep(30)
        os._exit(0)
    os.kill(child, signal.SIGINT)
    os.kill(child, signal.SIGTERM)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGTERM, status
os.kill(os.getpid(), signal.SIGTERM)
"""

# A signal between the handlers, which granian sets after it has made the application, and the loop.
LOOP = """
import asyncio, os, signal
import uvloop
from open_event_uploads.cli import worker

async def main():
    await asyncio.wait_for(stopped.wait(), 20)

loop = uvloop.new_event_loop()
asyncio.set_event_loop(loop)
worker.create_gateway = lambda: None
worker.start_worker()
stopped = asyncio.Event()
loop.add_signal_handler(signal.{number}, stopped.set)
os.kill(os.getpid(), signal.{number})
loop.run_until_complete(main())
"""


# By Ctrl+C, which a terminal sends to every process, and by the parent, or by both of these twice.
TWICE = """
import asyncio, os, signal
import uvloop
from open_event_uploads.cli import worker

async def main():
    for _ in range(20):
        await asyncio.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)

loop = uvloop.new_event_loop()
asyncio.set_event_loop(loop)
worker.create_gateway = lambda: None
worker.start_worker()
calls = []
for number in (signal.SIGINT, signal.SIGTERM):
    loop.add_signal_handler(number, calls.append, number)
loop.run_until_complete(main())
assert len(calls) == 1, calls
"""


# As Python 3.14 does by itself on Linux.
BEGIN_WITHOUT_FORKS = """
import multiprocessing
from granian.server.mp import WorkerProcess
from open_event_uploads.cli import worker

multiprocessing.set_start_method("forkserver")
worker.let_new_workers_stop()
process = WorkerProcess(None, 1, print, ())
assert type(process.inner).__name__ == "ForkProcess", process.inner
"""


def run(script: str) -> None:
    subprocess.run([sys.executable, "-c", script], timeout=60, check=True)  # noqa: S603 - our own


def test_a_fork_obeys_a_stop_at_once_and_the_parent_keeps_its_handlers() -> None:
    run(FORK)


def test_workers_are_forks_whatever_this_python_begins_with() -> None:
    run(BEGIN_WITHOUT_FORKS)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_before_the_loop_runs_is_obeyed_when_it_does(number: signal.Signals) -> None:
    run(LOOP.format(number=number.name))


def test_a_worker_is_told_once_to_end_whichever_signals_come() -> None:
    run(TWICE)
