"""`manage.py serve` with another number of threads a worker, to see what that number does.

`python -m bench.product THREADS serve …`: the number is a constant of the program and no setting,
so it is replaced where the server's options are put together.
"""

import importlib
import sys

from open_event_uploads.cli import main as run


def main() -> None:
    """Replace the constant, then do as `manage.py` does."""
    threads = int(sys.argv.pop(1))
    serve = importlib.import_module("open_event_uploads.cli.serve")
    vars(serve)["WORKER_THREADS"] = threads
    run()


if __name__ == "__main__":
    main()
