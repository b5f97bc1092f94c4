"""Create, update and delete presets."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Engine, bindparam, select

from open_event_uploads.database.read import Query
from open_event_uploads.database.rows import check_version, delete, insert, update
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.write import write
from open_event_uploads.errors import InvalidPreset, Sentence
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.variants.model import SavedPreset, SavedPresetRow

_LOCKED_BY_NAME = Query(
    select(SavedPreset).where(SavedPreset.name == bindparam("name")).with_for_update(),
    SavedPresetRow,
)


def create_preset(
    name: str,
    values: Mapping[str, Any],
    *,
    before_commit: Callable[[Execute, SavedPresetRow], None] | None = None,
    engine: Engine,
) -> SavedPresetRow:
    """Create a preset; missing fields have their defaults.

    Args:
        name: that no other preset has.
        values: of the other fields of `Preset`, by name.
        before_commit: called with the new row in the same write.
        engine: of the database.

    Raises:
        InvalidPreset: the values are invalid, or the name is taken.
    """
    with _errors_for_users():
        preset = Preset(**{"width": None, "height": None, **values, "name": name})

    def step(execute: Execute) -> SavedPresetRow:
        _check_name_is_free(execute, name)
        saved = insert(execute, SavedPresetRow, asdict(preset))
        if before_commit is not None:
            before_commit(execute, saved)
        return saved

    return write(engine, step)


def update_preset(
    name: str,
    values: Mapping[str, Any],
    *,
    versions: frozenset[int] | None = None,
    engine: Engine,
) -> SavedPresetRow:
    """Change fields of a preset; its variants have new URLs from then on.

    Raises:
        InvalidPreset: there is no such preset, the values are invalid, or a new name is taken.
        PreconditionFailed: it has none of these versions; None allows any.
    """

    def step(execute: Execute) -> SavedPresetRow:
        saved = _lock_preset(execute, name, versions)
        with _errors_for_users():
            preset = replace(Preset.from_row(saved), **values)
        if preset.name != name:
            _check_name_is_free(execute, preset.name)
        return update(execute, saved, asdict(preset))

    return write(engine, step)


def delete_preset(name: str, *, versions: frozenset[int] | None = None, engine: Engine) -> None:
    """Delete a preset; variants made by it stay until the sweeper removes them.

    Raises:
        InvalidPreset: there is no such preset.
        PreconditionFailed: it has none of these versions; None allows any.
    """
    write(engine, lambda execute: delete(execute, _lock_preset(execute, name, versions)))


def _lock_preset(execute: Execute, name: str, versions: frozenset[int] | None) -> SavedPresetRow:
    saved = _LOCKED_BY_NAME.first(execute, {"name": name})
    if saved is None:
        raise InvalidPreset(f"There is no preset named {name}.")
    check_version(saved, versions)
    return saved


def _check_name_is_free(execute: Execute, name: str) -> None:
    if _LOCKED_BY_NAME.first(execute, {"name": name}) is not None:
        raise InvalidPreset(
            Sentence("There is already a preset named %(name)s.", name=name), attribute="name"
        )


@contextmanager
def _errors_for_users() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise InvalidPreset(*error.args) from None
