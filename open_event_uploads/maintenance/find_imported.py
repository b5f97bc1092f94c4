"""Find the upload that a file of another system is already."""

from sqlalchemy import Engine, select

from open_event_uploads.database.read import read
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.maintenance.import_sources.source import ForeignFile
from open_event_uploads.uploads.model import Upload, UploadRow, has_bytes, is_kept, is_published


def find_by_id(file: ForeignFile, engine: Engine) -> UploadRow | None:
    """Return the upload that has the id of a file; None for a file that has no id."""
    if file.upload_id is None:
        return None
    # Also if its lease is over: the id is taken until the sweeper has come.
    found = read(engine, select(Upload).where(Upload.id == file.upload_id), UploadRow)
    return found[0] if found else None


def find_by_bytes(file: ForeignFile, content: IncomingFile, engine: Engine) -> UploadRow | None:
    """Return an upload of the same bytes, for a file that has no id; a public one if there is one.

    The bytes are compared with those that were sent and with those that are served, which may lack
    metadata.
    """
    if file.upload_id is not None:
        return None
    found = read(
        engine,
        select(Upload)
        .where(is_kept(), is_published(), has_bytes(content.checksum))
        .order_by(Upload.visibility.desc(), Upload.id)
        .limit(1),
        UploadRow,
    )
    return found[0] if found else None
