"""Refuse commands that write, if the server is read-only."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from open_event_uploads.context import current_settings
from open_event_uploads.errors import ReadOnly

P = ParamSpec("P")
R = TypeVar("R")


def requires_write(command: Callable[P, R]) -> Callable[P, R]:
    """Refuse a command at its start, which would otherwise fail after half of its work.

    Other commands are refused by `write`, and those of `db` by the database.

    Raises:
        ReadOnly: by the command, if `UPLOADS_READ_ONLY` is on.
    """

    @wraps(command)
    def checked(*arguments: P.args, **options: P.kwargs) -> R:
        if current_settings().read_only and not options.get("dry_run"):
            raise ReadOnly
        return command(*arguments, **options)

    return checked
