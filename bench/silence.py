"""The log of an application that runs in this process: made, as everywhere, and thrown away."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """An application that is made within this logs to nowhere, and must be used within it."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
        yield
