"""Delete a preset."""

from sqlalchemy import Engine

from open_event_uploads.database.rows import delete
from open_event_uploads.database.write import write
from open_event_uploads.variants.save_preset import lock_preset


def delete_preset(name: str, *, versions: frozenset[int] | None = None, engine: Engine) -> None:
    """Delete a preset; variants made by it stay until the sweeper removes them.

    Args:
        name: of the preset.
        versions: one of which the preset must have; None for any.
        engine: of the database.

    Raises:
        InvalidPreset: there is no such preset.
        PreconditionFailed: it has another version.
    """
    write(engine, lambda execute: delete(execute, lock_preset(execute, name, versions)))
