"""Run the program: `open-event-uploads`, `manage.py` and `python -m open_event_uploads`."""

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


if __name__ == "__main__":
    main()
