"""Run the program: `open-event-uploads`, `manage.py` and `python -m open_event_uploads`."""

import gc
from importlib import import_module


def main() -> None:
    """Run a command.

    Importing makes hundreds of thousands of objects that live as long as the process. So the
    garbage collector is off meanwhile and never visits them afterwards, here or in forked workers.
    """
    gc.disable()
    command_line = import_module("open_event_uploads.cli")
    gc.freeze()
    gc.enable()
    command_line.main()


if __name__ == "__main__":
    main()
