"""Run the program: `open-event-uploads`, `manage.py` and `python -m open_event_uploads`."""

import gc
import signal
from importlib import import_module


def main() -> None:
    """Run a command.

    Importing makes hundreds of thousands of objects that live as long as the process. So the
    garbage collector is off meanwhile and never visits them afterwards, here or in forked workers.
    Ctrl+C ends the process at once meanwhile, for there is nothing to clean up, and an exception
    could get lost in a module that catches all. `CommandLine.get_command` changes that back.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.disable()
    command_line = import_module("open_event_uploads.cli")
    gc.freeze()
    gc.enable()
    command_line.main()


if __name__ == "__main__":
    main()
