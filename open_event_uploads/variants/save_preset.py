"""A named size is made or changed."""

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
    """Make a named size.

    Args:
        name: that no other has.
        values: of the other fields of `Preset`, by name; what is missing has its default.
        before_commit: is called with it, in the transaction that makes it.
        session: has no transaction under way that matters; it is rolled back first.

    Raises:
        InvalidPreset: it makes no sense, or the name is taken.
    """
    preset = _checked({"width": None, "height": None, **values, "name": name})
    with write_transaction(session):
        if _find(name, session) is not None:
            raise InvalidPreset(f"there is a preset {name} already", attribute="name")
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
    """Change a named size; its variants have new addresses from then on.

    Args:
        name: which.
        values: what changes, by the field names of `Preset`.
        versions: the preset must be one of these; None for any.
        session: has no transaction under way that matters; it is rolled back first.

    Raises:
        InvalidPreset: there is none, or what it would become makes no sense or is there already.
        PreconditionFailed: it is another version; nothing has changed.
    """
    with write_transaction(session):
        saved = load_preset(name, session, versions)
        now = {each: getattr(saved, each) for each in Preset.__slots__}
        preset = _checked({**now, **values})
        if preset.name != name and _find(preset.name, session) is not None:
            raise InvalidPreset(f"there is a preset {preset.name} already", attribute="name")
        for each in Preset.__slots__:
            setattr(saved, each, getattr(preset, each))
    return saved


def load_preset(name: str, session: Session, versions: frozenset[int] | None = None) -> SavedPreset:
    """The preset of a name, for this transaction alone.

    Raises:
        InvalidPreset: there is none.
        PreconditionFailed: it is at another version than these; None allows any.
    """
    saved = _find(name, session)
    if saved is None:
        raise InvalidPreset(f"there is no preset {name}")
    if versions is not None and saved.version not in versions:
        raise PreconditionFailed(
            "The preset has changed since the version that If-Match names.", header="If-Match"
        )
    return saved


def _find(name: str, session: Session) -> SavedPreset | None:
    found = select(SavedPreset).where(SavedPreset.name == name).with_for_update()
    return session.scalar(found.execution_options(populate_existing=True))


def _checked(values: Mapping[str, Any]) -> Preset:
    try:
        return Preset(**values)
    except ValueError as error:
        raise InvalidPreset(str(error)) from None
