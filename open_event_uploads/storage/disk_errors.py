"""What the operating system says, in our words."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from open_event_uploads.errors import (
    ObjectNotFound,
    StorageFull,
    StorageUnavailable,
    UploadsError,
)

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def translate_os_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's errors into ours, where they enter.

    Args:
        path: of what is looked for.

    Raises:
        ObjectNotFound: it is not there.
        StorageFull, StorageUnavailable: as the error says.
    """
    try:
        yield
    except FileNotFoundError:
        raise ObjectNotFound(path.name) from None
    except OSError as error:
        raise to_storage_error(error) from error


def to_storage_error(error: OSError) -> UploadsError:
    """What an error of the operating system is for us."""
    if error.errno in _NO_ROOM:
        return StorageFull("There is no room left to store the file.")
    return StorageUnavailable("The storage cannot be used right now.", headers={"Retry-After": "5"})
