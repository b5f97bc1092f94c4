"""Routes of variants: `/v1/variants/{id}` and the upload it belongs to."""

from typing import Any

from flask_rest_jsonapi_next.data_layers.base import BaseDataLayer
from sqlalchemy.orm import selectinload

from open_event_uploads.context import db
from open_event_uploads.errors import NotFound
from open_event_uploads.jsonapi import ReadOnlyDetail, ResourceRelated, ResourceRelationship
from open_event_uploads.jsonapi.query import Query
from open_event_uploads.server.identity import current_identity
from open_event_uploads.server.policy import ANYBODY, NOBODY, relationship_policies
from open_event_uploads.server.routes import Routes
from open_event_uploads.uploads.access import may_see
from open_event_uploads.uploads.find_variant import find_variant
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.variant_schema import VariantSchema
from open_event_uploads.variants.preset_cache import current_presets
from open_event_uploads.variants.variant import Variant


class VariantLayer(BaseDataLayer):
    """Computes variants from uploads."""

    def get_object(self, view_kwargs: dict[str, Any], qs: Query | None = None) -> Variant:
        """Return a variant, if the caller may see its upload."""
        paths = (qs and qs.include) or ()
        options = [selectinload(Upload.owner)] if any("owner" in path for path in paths) else []
        found = find_variant(
            view_kwargs["id"],
            presets=current_presets(),
            session=db.session(),
            options=options,
        )
        if not may_see(current_identity(), found.upload):
            raise NotFound("There is no such variant.")
        return found

    def get_shown(self, id_: str, qs: Query | None = None) -> Variant:
        """Return a variant to show."""
        return self.get_object({"id": id_}, qs)


_DATA_LAYER = {"class": VariantLayer}


class VariantDetail(ReadOnlyDetail):
    """`/v1/variants/{id}`."""

    schema = VariantSchema
    data_layer = _DATA_LAYER


class VariantRelated(ResourceRelated):
    """`/v1/variants/{id}/upload`."""

    schema = VariantSchema
    data_layer = _DATA_LAYER


class VariantRelationship(ResourceRelationship):
    """`/v1/variants/{id}/relationships/upload`."""

    schema = VariantSchema
    data_layer = _DATA_LAYER


def register_routes(routes: Routes) -> None:
    """Add the routes of this module; a variant is seen by those who see its upload."""
    one = "/v1/variants/<variant_id:id>"
    routes.add(one, "variant_detail", VariantDetail, GET=ANYBODY, PATCH=NOBODY, DELETE=NOBODY)
    routes.add(f"{one}/<name:name>", "variant_related", VariantRelated, GET=ANYBODY)
    routes.add(
        f"{one}/relationships/<name:name>",
        "variant_relationship",
        VariantRelationship,
        **relationship_policies(ANYBODY),
    )
