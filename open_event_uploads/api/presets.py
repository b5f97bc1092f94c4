"""`/v1/presets` and `/v1/presets/{id}`; written by `manage.py presets`."""

from typing import Any

from open_event_uploads.api.jsonapi import DataLayer, ReadOnlyDetail, ReadOnlyList
from open_event_uploads.api.schemas.presets import PresetSchema
from open_event_uploads.extensions import db
from open_event_uploads.models import SavedPreset


def _rows() -> dict[str, Any]:
    """A fresh dictionary each time: the library takes `class` out of the one it is given."""
    return {"class": DataLayer, "session": db.session, "model": SavedPreset}


class PresetList(ReadOnlyList):
    """The collection."""

    schema = PresetSchema
    data_layer = _rows()


class PresetDetail(ReadOnlyDetail):
    """One preset."""

    schema = PresetSchema
    data_layer = _rows()
