"""Find the upload behind a URL, for those who may see it."""

from collections.abc import Callable

from sqlalchemy import Engine, bindparam, select

from open_event_uploads.database.read import Query
from open_event_uploads.errors import NotFound, StorageUnavailable
from open_event_uploads.storage.keys import is_private, original_key
from open_event_uploads.uploads.model import Upload, UploadColumns, UploadRow, is_served
from open_event_uploads.uploads.rows import has_key

_SERVED_BY_KEY = Query(select(Upload).where(Upload.key == bindparam("key"), is_served()), UploadRow)


def find_file(key: str, *, may_open: Callable[[UploadColumns], bool], engine: Engine) -> UploadRow:
    """Find the upload whose bytes, or whose variant's, have a key.

    The row decides, so a file that was deleted or replaced is gone at once even where its bytes
    still wait for the sweeper, and so is one that has expired or is quarantined.

    Args:
        key: of the original or of a variant.
        may_open: whether the request may open a private file.
        engine: for the row.

    Returns:
        Its row.

    Raises:
        NotFound: no upload has this key, or it is not to be seen.
    """
    upload = _SERVED_BY_KEY.first(engine, {"key": original_key(key) or key})
    if upload is None or (is_private(upload.key) and not may_open(upload)):
        raise no_such_file()
    return upload


def missing(upload: UploadColumns, engine: Engine) -> Exception:
    """Return the error for bytes that are not there: a deletion meanwhile, or a loss."""
    if not has_key(engine, upload.key):
        return no_such_file()
    return StorageUnavailable("The file's bytes are missing.", headers={"Retry-After": "60"})


def no_such_file() -> NotFound:
    """Return the error for a key that no upload has, or that the request may not open."""
    return NotFound("There is no such file.")
