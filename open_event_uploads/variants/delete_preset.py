"""Delete a preset."""

from sqlalchemy import Engine

from open_event_uploads.database.rows import delete
from open_event_uploads.database.write import write
from open_event_uploads.variants.save_preset import lock_preset


def delete_preset(name: str, *, versions: frozenset[int] | None = None, engine: Engine) -> None:
    """Delete a preset; variants made by it stay until the sweeper removes them.

    Raises:
        InvalidPreset: there is no such preset.
        PreconditionFailed: it has none of these versions; None allows any.
    """
    write(engine, lambda execute: delete(execute, lock_preset(execute, name, versions)))
