"""Routes of variants: `/v1/variants/{id}` and the upload it belongs to."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask_rest_jsonapi_next.data_layers.base import BaseDataLayer

from open_event_uploads.context import db
from open_event_uploads.errors import NotFound
from open_event_uploads.jsonapi import ReadOnlyDetail, ResourceRelated, ResourceRelationship
from open_event_uploads.jsonapi.query import Query
from open_event_uploads.server.identity import current_identity
from open_event_uploads.server.policy import ANYBODY, NOBODY
from open_event_uploads.server.routes import Routes
from open_event_uploads.uploads.access import may_see
from open_event_uploads.uploads.model import UploadColumns, find_upload
from open_event_uploads.uploads.rows import read_upload
from open_event_uploads.uploads.variant_schema import VariantSchema
from open_event_uploads.variants.preset_cache import current_presets
from open_event_uploads.variants.variant import Variant, parse_variant_id, variants_of


class VariantLayer(BaseDataLayer):
    """Compute variants from uploads."""

    def get_object(self, view_kwargs: dict[str, Any], qs: Query | None = None) -> Variant:  # noqa: ARG002 - an object loads what it includes
        """Return a variant whose upload is an object, which can include others."""
        return _find_variant(view_kwargs["id"], partial(find_upload, session=db.session()))

    def get_shown(self, id_: str, query: Query | None = None) -> Variant:
        """Return a variant to show; unless it includes others, no transaction is open then."""
        if query and query.include:
            return self.get_object({"id": id_}, query)
        return _find_variant(id_, partial(read_upload, db.engine))


def _find_variant(id_: str, load: Callable[[str], UploadColumns | None]) -> Variant:
    upload_id, name = parse_variant_id(id_) or ("", "")
    presets = current_presets()
    upload = load(upload_id)
    if upload is not None and may_see(current_identity(), upload):
        for variant in variants_of(upload, presets):
            if variant.name == name:
                return variant
    raise NotFound("There is no such variant.")


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
    routes.add_relationships(one, "variant", VariantRelated, VariantRelationship, read=ANYBODY)
