"""Since when presets make the variants that they make."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from open_event_uploads.database.transaction import write_transaction
from open_event_uploads.database.types import now
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.maintenance.instance import Instance


def note_presets(presets: Iterable[Preset], *, session: Session, dry_run: bool) -> datetime:
    """Compare the presets with those of the last time, and take down when they are others.

    A preset's digest is of the encoder too, so another version of that is another preset.

    Args:
        presets: the sizes there are.
        session: for the one row that remembers.
        dry_run: remember nothing.

    Returns:
        Since when they are known to be as they are: now, where they have changed.
    """
    digests = sorted({each.digest for each in presets})
    digest = hashlib.sha256(" ".join(digests).encode()).hexdigest()
    known, since = session.execute(select(Instance.presets_digest, Instance.presets_since)).one()
    session.rollback()
    if known == digest and since is not None:
        return since
    since = now()
    if not dry_run:
        with write_transaction(session):
            session.execute(update(Instance).values(presets_digest=digest, presets_since=since))
    return since
