"""Where the program begins: `open-event-uploads` and `manage.py`."""

import gc
from importlib import import_module


def main() -> None:
    """Run a command.

    Modules make hundreds of thousands of objects and none that could be collected. So nothing is
    looked for while they are imported, and what they made is never looked at again, neither here
    nor in workers that are forked from here.
    """
    gc.disable()
    command_line = import_module("open_event_uploads.cli")
    gc.freeze()
    gc.enable()
    command_line.main()
