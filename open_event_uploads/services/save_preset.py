"""A named size is made or changed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from open_event_uploads.errors import InvalidPreset
from open_event_uploads.media.preset import Preset
from open_event_uploads.models import SavedPreset
from open_event_uploads.models.transaction import write_transaction


def create_preset(name: str, values: Mapping[str, Any], *, session: Session) -> SavedPreset:
    """Make a named size.

    Args:
        name: that no other has.
        values: of the other fields of `Preset`, by name; what is missing has its default.
        session: has no transaction under way that matters; it is rolled back first.

    Raises:
        InvalidPreset: it makes no sense, or the name is taken.
    """
    preset = _checked({"width": None, "height": None, **values, "name": name})
    with write_transaction(session):
        if _find(name, session) is not None:
            raise InvalidPreset(f"there is a preset {name} already")
        saved = SavedPreset(**{each: getattr(preset, each) for each in preset.__slots__})
        session.add(saved)
    return saved


def update_preset(name: str, values: Mapping[str, Any], *, session: Session) -> SavedPreset:
    """Change a named size; its variants have new addresses from then on.

    Args:
        name: which.
        values: what changes, by the field names of `Preset`.
        session: has no transaction under way that matters; it is rolled back first.

    Raises:
        InvalidPreset: there is none, or what it would become makes no sense.
    """
    with write_transaction(session):
        saved = found_preset(name, session)
        now = {each: getattr(saved, each) for each in Preset.__slots__}
        preset = _checked({**now, **values})
        for each in Preset.__slots__:
            setattr(saved, each, getattr(preset, each))
    return saved


def found_preset(name: str, session: Session) -> SavedPreset:
    """The preset of a name.

    Raises:
        InvalidPreset: there is none.
    """
    saved = _find(name, session)
    if saved is None:
        raise InvalidPreset(f"there is no preset {name}")
    return saved


def _find(name: str, session: Session) -> SavedPreset | None:
    return session.scalar(select(SavedPreset).where(SavedPreset.name == name))


def _checked(values: Mapping[str, Any]) -> Preset:
    try:
        return Preset(**values)
    except ValueError as error:
        raise InvalidPreset(str(error)) from None
