"""`/v1`: the addresses of everything."""

from flask import Response

from open_event_uploads import __version__
from open_event_uploads.context import current_settings
from open_event_uploads.jsonapi.conditional import respond_tagged
from open_event_uploads.jsonapi.negotiation import negotiate
from open_event_uploads.jsonapi.read_query import refuse_parameters
from open_event_uploads.jsonapi.rendering import described_by, requested_url

_ADDRESSES = {
    "uploads": "uploads",
    "resumable-uploads": "uploads/resumable",
    "presets": "presets",
    "policy": "policies/current",
    "operations": "operations",
    "openapi": "openapi.json",
    "docs": "docs",
}


def get_entry_point() -> Response:
    """Answer with the server's name, its version and its addresses."""
    negotiate(frozenset(), reads=False)
    query = refuse_parameters()
    base = f"{current_settings().public_url}/v1"
    return respond_tagged(
        {
            "links": {"self": requested_url(query), "describedby": described_by()},
            "meta": {
                "name": "Open Event Uploads",
                "version": __version__,
                "addresses": {name: f"{base}/{path}" for name, path in _ADDRESSES.items()},
            },
        }
    )
