"""Create and update presets."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from open_event_uploads.database.transaction import write_transaction
from open_event_uploads.errors import InvalidPreset, PreconditionFailed
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.variants.model import SavedPreset


def create_preset(
    name: str,
    values: Mapping[str, Any],
    *,
    before_commit: Callable[[SavedPreset], None] = lambda _: None,
    session: Session,
) -> SavedPreset:
    """Create a preset.

    Args:
        name: that no other preset has.
        values: of the other fields of `Preset`, by name; missing ones have their defaults.
        before_commit: called with the new row in the same transaction.
        session: its open transaction, if any, is rolled back.

    Raises:
        InvalidPreset: the values are invalid, or the name is taken.
    """
    preset = _validated({"width": None, "height": None, **values, "name": name})
    with write_transaction(session):
        _check_name_is_free(name, session)
        saved = SavedPreset(**{each: getattr(preset, each) for each in preset.__slots__})
        session.add(saved)
        session.flush()
        before_commit(saved)
    return saved


def update_preset(
    name: str,
    values: Mapping[str, Any],
    *,
    versions: frozenset[int] | None = None,
    session: Session,
) -> SavedPreset:
    """Change a preset; its variants have new URLs from then on.

    Args:
        name: of the preset.
        values: to change, by the field names of `Preset`.
        versions: one of which the preset must have; None for any.
        session: its open transaction, if any, is rolled back.

    Raises:
        InvalidPreset: there is no such preset, the values are invalid, or a new name is taken.
        PreconditionFailed: it has another version; nothing has changed.
    """
    with write_transaction(session):
        saved = load_preset(name, session, versions)
        current = {each: getattr(saved, each) for each in Preset.__slots__}
        preset = _validated({**current, **values})
        if preset.name != name:
            _check_name_is_free(preset.name, session)
        for each in Preset.__slots__:
            setattr(saved, each, getattr(preset, each))
    return saved


def load_preset(name: str, session: Session, versions: frozenset[int] | None = None) -> SavedPreset:
    """Load a preset and lock its row until the transaction ends.

    Raises:
        InvalidPreset: there is no such preset.
        PreconditionFailed: it has none of these versions; None allows any.
    """
    saved = _find(name, session)
    if saved is None:
        raise InvalidPreset(f"There is no preset named {name}.")
    if versions is not None and saved.version not in versions:
        raise PreconditionFailed(
            "The preset has changed since the version that If-Match names.", header="If-Match"
        )
    return saved


def _check_name_is_free(name: str, session: Session) -> None:
    if _find(name, session) is not None:
        raise InvalidPreset(f"There is already a preset named {name}.", attribute="name")


def _find(name: str, session: Session) -> SavedPreset | None:
    found = select(SavedPreset).where(SavedPreset.name == name).with_for_update()
    return session.scalar(found.execution_options(populate_existing=True))


def _validated(values: Mapping[str, Any]) -> Preset:
    try:
        return Preset(**values)
    except ValueError as error:
        raise InvalidPreset(str(error)) from None
