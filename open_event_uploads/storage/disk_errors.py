"""Translate errors of the operating system into ours."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from open_event_uploads.errors import (
    ObjectNotFound,
    StorageFull,
    StorageUnavailable,
    UploadsError,
)

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def translate_os_errors(name: str) -> Iterator[None]:
    """Raise `ObjectNotFound`, `StorageFull` or `StorageUnavailable` instead of an OSError.

    Args:
        name: of what is not found.
    """
    try:
        yield
    except FileNotFoundError:
        raise ObjectNotFound(name) from None
    except OSError as error:
        raise to_storage_error(error) from error


def to_storage_error(error: OSError) -> UploadsError:
    """Return the error to raise instead of one of the operating system."""
    if error.errno in _NO_SPACE:
        return StorageFull("There is no space left to store the file.")
    return StorageUnavailable("The storage cannot be used right now.", headers={"Retry-After": "5"})
