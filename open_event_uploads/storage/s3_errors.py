"""What an S3 server and boto3 say, in words of ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from open_event_uploads.errors import ObjectNotFound, StorageFull, StorageUnavailable

_NOT_FOUND = frozenset({"NoSuchKey", "404", "NotFound"})
# Amazon's never is; these are what others answer, beside the status of RFC 4918, section 11.5.
_FULL = frozenset({"XMinioStorageFull", "QuotaExceeded", "InsufficientStorage", "StorageFull"})
_INSUFFICIENT_STORAGE = 507


@contextmanager
def translate_s3_errors(key: str) -> Iterator[None]:
    """Turn foreign exceptions into ours, where they enter.

    Args:
        key: of the object that is asked for.

    Raises:
        ObjectNotFound, StorageFull, StorageUnavailable: with what the server said as their cause.
    """
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if code in _NOT_FOUND:
            raise ObjectNotFound(key) from error
        if code in _FULL or status == _INSUFFICIENT_STORAGE:
            raise StorageFull("There is no room left to store the file.") from error
        raise unavailable() from error
    except (BotoCoreError, HTTPError, OSError) as error:
        raise unavailable() from error


def unavailable() -> StorageUnavailable:
    """What is said of a storage that does not answer as it should."""
    return StorageUnavailable("The storage cannot be used right now.", headers={"Retry-After": "5"})
