"""Since when presets make the variants that they make."""

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
    """Compare the presets with those of the last time, and take down when they are others.

    A preset's digest is of the encoder too, so another version of that is another preset.

    Args:
        presets: the sizes there are.
        engine: of the database that remembers.
        dry_run: remember nothing.

    Returns:
        Since when they are known to be as they are: now, where they have changed.
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
