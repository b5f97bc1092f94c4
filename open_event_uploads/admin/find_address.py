"""Find the upload that a copied address is of, by indexes alone."""

from collections.abc import Sequence

from sqlalchemy import Engine, select

from open_event_uploads.admin.copied_address import CopiedAddress
from open_event_uploads.database.read import read
from open_event_uploads.imaging.formats import EXTENSIONS
from open_event_uploads.storage.keys import possible_keys
from open_event_uploads.uploads.model import Upload, is_kept
from open_event_uploads.uploads.resumable.model import ResumableUpload


def find_address(address: CopiedAddress, *, engine: Engine) -> str | None:
    """Return the id of the upload that an address is of; None if there is none.

    A name may be of the upload, of the key of its file, or of the resumable upload that it was.

    Args:
        address: as it was read.
        engine: of the database.
    """
    by_key = {key: name for name in address.names for key in possible_keys(name, EXTENSIONS)}
    sent_as = _read_resumable(address.names, engine)
    ids = {*address.names, *sent_as.values()}
    is_meant = Upload.id.in_(ids) | Upload.key.in_(by_key)
    found = read(engine, select(Upload.id, Upload.key).where(is_meant, is_kept()))
    by_name = {id_: id_ for id_, _ in found}
    by_name |= {name: id_ for name, id_ in sent_as.items() if id_ in by_name}
    by_name |= {by_key[key]: id_ for id_, key in found if key in by_key}
    return next((by_name[name] for name in address.names if name in by_name), None)


def _read_resumable(names: Sequence[str], engine: Engine) -> dict[str, str]:
    """Return what resumable uploads became, by their ids."""
    columns = select(ResumableUpload.id, ResumableUpload.upload_id)
    became = read(engine, columns.where(ResumableUpload.id.in_(names)))
    return {id_: upload_id for id_, upload_id in became if upload_id is not None}
