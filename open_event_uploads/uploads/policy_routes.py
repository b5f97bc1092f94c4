"""`/v1/policies/current`: the limits in force."""

from types import SimpleNamespace
from typing import Any

from flask_rest_jsonapi_next.data_layers.base import BaseDataLayer

from open_event_uploads.accounts.token import MAX_TOKENS
from open_event_uploads.context import current_settings, current_storage
from open_event_uploads.errors import NotFound
from open_event_uploads.jsonapi import ReadOnlyDetail
from open_event_uploads.jsonapi.operations import MAX_OPERATIONS
from open_event_uploads.jsonapi.query import Query
from open_event_uploads.server.policy import ANYBODY, NOBODY
from open_event_uploads.server.routes import Routes
from open_event_uploads.settings import Settings, parse_rates
from open_event_uploads.storage.capabilities import presigner_of
from open_event_uploads.uploads.policy_schema import PolicySchema
from open_event_uploads.uploads.resumable.offer import describe_offer

CURRENT = "current"


class PolicyLayer(BaseDataLayer):
    """The settings, as a resource."""

    def get_object(self, view_kwargs: dict[str, Any], qs: Query | None = None) -> SimpleNamespace:  # noqa: ARG002 - the library's signature
        """Return the policy in force.

        Raises:
            NotFound: another one is asked for.
        """
        if view_kwargs["id"] != CURRENT:
            raise NotFound("There is no such resource.")
        return _in_force(current_settings())

    def get_shown(self, id_: str, qs: Query | None = None) -> SimpleNamespace:
        """Return the policy in force."""
        return self.get_object({"id": id_}, qs)


def _in_force(settings: Settings) -> SimpleNamespace:
    policy = settings.policy
    rates = parse_rates(settings.rate_limits)
    return SimpleNamespace(
        id=CURRENT,
        max_bytes=policy.max_bytes,
        max_pixels=policy.max_pixels,
        max_frames=policy.max_frames,
        max_pixels_of_all_frames=policy.max_pixels_of_all_frames,
        media_types=sorted(policy.media_types),
        file_types=sorted(settings.file_types),
        direct_uploads=presigner_of(current_storage()) is not None,
        resumable_uploads=describe_offer(settings),
        page_size=settings.page_size,
        max_page_size=settings.max_page_size,
        max_operations=MAX_OPERATIONS,
        max_tokens=MAX_TOKENS,
        variants=settings.variants,
        metadata=settings.metadata,
        read_only=settings.read_only,
        rate_limits=[{"files": each.amount, "seconds": each.get_expiry()} for each in rates]
        or None,
        daily_bytes=policy.daily_bytes,
        quota_bytes=policy.quota_bytes,
        expires_after=settings.expires_after and int(settings.expires_after.total_seconds()),
    )


_DATA_LAYER = {"class": PolicyLayer}


class PolicyDetail(ReadOnlyDetail):
    """The policy in force."""

    schema = PolicySchema
    data_layer = _DATA_LAYER


def register_routes(routes: Routes) -> None:
    """Add the route of this module."""
    routes.add(
        "/v1/policies/<policy_id:id>",
        "policy_detail",
        PolicyDetail,
        GET=ANYBODY,
        PATCH=NOBODY,
        DELETE=NOBODY,
    )
