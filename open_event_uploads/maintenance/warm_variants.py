"""Every variant that has not been made yet is made."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Engine, func, select

from open_event_uploads.database.read import read
from open_event_uploads.errors import ObjectNotFound, UploadsError
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.model import Upload, UploadRow, is_served
from open_event_uploads.variants.make import exists, make_variant
from open_event_uploads.variants.variant import variants_of

log = logging.getLogger(__name__)

_BATCH = 100


@dataclass(frozen=True, slots=True)
class WarmReport:
    """What there was to do.

    Args:
        uploads: looked at.
        made: variants made now.
        failed: variants that could not be made.
    """

    uploads: int
    made: int
    failed: int

    def as_dict(self) -> dict[str, int]:
        """The report by name."""
        return asdict(self)


def warm_variants(
    *,
    presets: Sequence[Preset],
    engine: Engine,
    storage: Storage,
    progress: Callable[[int], None] = lambda _: None,
) -> WarmReport:
    """Make what is missing, one variant after another.

    Args:
        presets: the sizes there are.
        engine: of the database; no transaction is open while a variant is made.
        storage: for the bytes.
        progress: is told how many uploads have been looked at.
    """
    uploads = made = failed = 0
    for upload in _each_upload(engine):
        for variant in variants_of(upload, presets):
            if exists(variant.key, storage):
                continue
            try:
                make_variant(variant, storage=storage)
                made += 1
            except (UploadsError, ObjectNotFound) as error:
                log.warning("variant %s could not be made: %s", variant.id, error)
                failed += 1
        uploads += 1
        progress(uploads)
    return WarmReport(uploads, made, failed)


def count_uploads(engine: Engine) -> int:
    """How many there are to look at."""
    ((count,),) = read(engine, select(func.count()).select_from(Upload).where(is_served()))
    return count


def _each_upload(engine: Engine) -> Iterator[UploadRow]:
    """Every upload in the order of ids, some at a time; new ones may be missed."""
    last = None
    while True:
        query = select(Upload).where(is_served()).order_by(Upload.id).limit(_BATCH)
        batch = read(engine, query if last is None else query.where(Upload.id > last), UploadRow)
        if not batch:
            return
        yield from batch
        last = batch[-1].id
