"""Find a variant by its id."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from open_event_uploads.errors import NotFound
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.uploads.model import find_upload
from open_event_uploads.variants.variant import Variant, parse_variant_id, variants_of


def find_variant(
    id_: str,
    *,
    presets: Iterable[Preset],
    session: Session,
    options: Any = (),  # noqa: ANN401 - SQLAlchemy's loaders
) -> Variant:
    """Find a variant by its id, or raise `NotFound`; `options` are for loading its upload."""
    upload_id, name = parse_variant_id(id_) or ("", "")
    upload = find_upload(upload_id, session, options=options)
    for variant in variants_of(upload, presets) if upload else ():
        if variant.name == name:
            return variant
    raise NotFound("There is no such variant.")
