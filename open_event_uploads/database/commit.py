"""Send COMMIT, and report that its outcome is unknown where it fails."""

from collections.abc import Callable

from open_event_uploads.errors import CommitOutcomeUnknown
from open_event_uploads.fault_points import reach


def commit(send: Callable[[], object]) -> None:
    """Commit a transaction that is complete.

    Args:
        send: sends COMMIT, and returns when the database has confirmed it.

    Raises:
        CommitOutcomeUnknown: it failed or was interrupted, and may have taken effect nevertheless.
    """
    reach("commit.begin")
    try:
        send()
    except BaseException as error:
        raise CommitOutcomeUnknown(
            "The database did not confirm the change.", headers={"Retry-After": "5"}
        ) from error
