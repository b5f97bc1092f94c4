"""Commands that write, and do not begin where nothing may be written."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from open_event_uploads.context import current_settings
from open_event_uploads.errors import ReadOnly

P = ParamSpec("P")
R = TypeVar("R")


def writing(command: Callable[P, R]) -> Callable[P, R]:
    """Have a command refuse at once, where it would otherwise have done half of its work.

    Others are refused by `write`, and those of `db` by the database.

    Raises:
        ReadOnly: by the command, where `UPLOADS_READ_ONLY` is on.
    """

    @wraps(command)
    def checked(*arguments: P.args, **options: P.kwargs) -> R:
        if current_settings().read_only and not options.get("dry_run"):
            raise ReadOnly
        return command(*arguments, **options)

    return checked
