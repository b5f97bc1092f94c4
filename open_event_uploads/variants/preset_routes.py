"""Routes of presets: `/v1/presets` and `/v1/presets/{id}`."""

from typing import Any

from open_event_uploads.context import db
from open_event_uploads.jsonapi import DataLayer, ResourceDetail, ResourceList, expect_document
from open_event_uploads.jsonapi.idempotency import BeforeCommit
from open_event_uploads.server.policy import ANYBODY, Policy, Who
from open_event_uploads.server.routes import Routes
from open_event_uploads.variants.model import SavedPreset, SavedPresetRow
from open_event_uploads.variants.preset_cache import current_presets
from open_event_uploads.variants.preset_schema import PresetSchema
from open_event_uploads.variants.write_preset import create_preset, delete_preset, update_preset

_DATA_LAYER = {"class": DataLayer, "session": db.session, "model": SavedPreset}


class PresetList(ResourceList):
    """`/v1/presets`."""

    schema = PresetSchema
    data_layer = _DATA_LAYER

    def create_object(
        self, values: dict[str, Any], before_commit: BeforeCommit[SavedPresetRow] | None
    ) -> SavedPresetRow:
        """Create a preset."""
        name = values.pop("name")
        created = create_preset(name, values, before_commit=before_commit, engine=db.engine)
        current_presets(fresh=True)  # other processes use it within seconds
        return created


class PresetDetail(ResourceDetail):
    """`/v1/presets/{id}`."""

    schema = PresetSchema
    data_layer = _DATA_LAYER

    def update_object(
        self, found: SavedPresetRow, values: dict[str, Any], versions: frozenset[int] | None
    ) -> SavedPresetRow:
        """Update a preset, which gives its variants new URLs."""
        changed = update_preset(found.name, values, versions=versions, engine=db.engine)
        current_presets(fresh=True)
        return changed

    def delete_object(self, id_: str, versions: frozenset[int] | None) -> None:
        """Delete a preset."""
        found = self._data_layer.get_row(id_)
        delete_preset(found.name, versions=versions, engine=db.engine)
        current_presets(fresh=True)


_WRITE = Policy(Who.ADMINS, "presets:write", writes=True, body=expect_document)
_DELETE = Policy(Who.ADMINS, "presets:write", writes=True)


def register_routes(routes: Routes) -> None:
    """Add the routes of this module."""
    routes.add("/v1/presets", "preset_list", PresetList, GET=ANYBODY, POST=_WRITE)
    routes.add(
        "/v1/presets/<id:id>",
        "preset_detail",
        PresetDetail,
        GET=ANYBODY,
        PATCH=_WRITE,
        DELETE=_DELETE,
    )
