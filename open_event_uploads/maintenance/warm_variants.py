"""Render every variant that does not exist yet."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import Engine

from open_event_uploads.errors import ObjectNotFound, UploadsError
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.model import is_served
from open_event_uploads.uploads.walk import walk_uploads
from open_event_uploads.variants.make import exists, make_variant
from open_event_uploads.variants.variant import variants_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WarmReport:
    """Count what was done."""

    uploads: int
    made: int
    failed: int


def warm_variants(
    *,
    presets: Sequence[Preset],
    engine: Engine,
    storage: Storage,
    progress: Callable[[int], None] = lambda _: None,
) -> WarmReport:
    """Render missing variants, one after another; no transaction is open meanwhile."""
    uploads = made = failed = 0
    for upload in chain.from_iterable(walk_uploads(is_served(), engine=engine)):
        for variant in variants_of(upload, presets):
            if exists(variant.key, storage):
                continue
            try:
                make_variant(variant, storage=storage)
                made += 1
            except (UploadsError, ObjectNotFound) as error:
                log.warning("variant %s could not be rendered: %s", variant.id, error)
                failed += 1
        uploads += 1
        progress(uploads)
    return WarmReport(uploads, made, failed)
