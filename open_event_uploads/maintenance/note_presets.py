"""Record since when the presets are as they are."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Engine, select, update

from open_event_uploads.database.read import read
from open_event_uploads.database.types import now
from open_event_uploads.database.write import write
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.maintenance.instance import Instance


def note_presets(presets: Iterable[Preset], *, engine: Engine, dry_run: bool) -> datetime:
    """Compare the presets with those of the last run, and record the time if they differ.

    A preset's digest includes the encoder's version, so with a new encoder all presets differ.

    Returns:
        Since when they are known to be as they are: now if they differ.
    """
    digests = sorted({each.digest for each in presets})
    digest = hashlib.sha256(" ".join(digests).encode()).hexdigest()
    ((known, since),) = read(engine, select(Instance.presets_digest, Instance.presets_since))
    if known == digest and since is not None:
        return since
    since = now()
    if not dry_run:
        noted = update(Instance).values(presets_digest=digest, presets_since=since)
        write(engine, lambda execute: execute(noted))
    return since
