"""Run `manage.py serve` with another number of threads that work at once, or under WSGI.

`python -m bench.serve THREADS serve …`, or `python -m bench.serve wsgi serve …`. Neither is a
setting of the program, so this replaces the server that the program starts.
"""

import importlib
import os
import sys

from granian import Granian
from granian.constants import Interfaces, Loops

from open_event_uploads.__main__ import main as run
from open_event_uploads.server import thread_pool
from open_event_uploads.server.gateway import Gateway
from open_event_uploads.settings import WORKER_THREADS

WSGI = "wsgi"
_VARIABLE = "BENCH_THREADS"


def main() -> None:
    """Replace the server, then run as `manage.py` does."""
    how = sys.argv.pop(1)
    serve = importlib.import_module("open_event_uploads.cli.serve")
    if how == WSGI:
        vars(serve)["Granian"] = _by_wsgi
    else:
        os.environ[_VARIABLE] = how
        vars(serve)["Granian"] = _with_threads
    run()


def create_gateway() -> Gateway:
    """Return the application of a worker whose threads work in another number at once."""
    vars(thread_pool)["AT_ONCE"] = int(os.environ[_VARIABLE])
    gateway: Gateway = importlib.import_module("open_event_uploads.cli.worker").start_worker()
    return gateway


def _with_threads(_: str, **options: object) -> object:
    return Granian("bench.serve:create_gateway", **options)  # type: ignore[arg-type]  # as of serve


def _by_wsgi(_: str, **options: object) -> object:
    options |= {"interface": Interfaces.WSGI, "loop": Loops.auto}
    options |= {"blocking_threads": WORKER_THREADS}
    return Granian("open_event_uploads.app:create_app", **options)  # type: ignore[arg-type]  # as of serve


if __name__ == "__main__":
    main()
