"""Translate errors of S3 servers and of boto3 into ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from open_event_uploads.blocking import BLOCKING
from open_event_uploads.errors import ObjectNotFound, StorageFull, StorageUnavailable

_NOT_FOUND = frozenset({"NoSuchKey", "404", "NotFound"})
# Amazon's is never full; other servers answer these, or the status of RFC 4918, section 11.5.
_FULL = frozenset({"XMinioStorageFull", "QuotaExceeded", "InsufficientStorage", "StorageFull"})
_INSUFFICIENT_STORAGE = 507


@contextmanager
def translate_s3_errors(key: str) -> Iterator[None]:
    """Raise `ObjectNotFound`, `StorageFull` or `StorageUnavailable` with the answer as cause.

    Whoever calls the server is blocked.
    """
    try:
        with BLOCKING:
            yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if code in _NOT_FOUND:
            raise ObjectNotFound(key) from error
        if code in _FULL or status == _INSUFFICIENT_STORAGE:
            raise StorageFull("There is no space left to store the file.") from error
        raise unavailable() from error
    except (BotoCoreError, HTTPError, OSError) as error:
        raise unavailable() from error


def unavailable() -> StorageUnavailable:
    """Return the error for a storage that does not answer as it should."""
    return StorageUnavailable("The storage cannot be used right now.", headers={"Retry-After": "5"})
