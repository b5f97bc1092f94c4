"""A variant by its id."""

from typing import Any

from sqlalchemy.orm import Session

from open_event_uploads.errors import NotFound
from open_event_uploads.media.variant import Variant, parse_variant_id
from open_event_uploads.models import Upload


def find_variant(id_: str, *, session: Session, options: Any = ()) -> Variant:  # noqa: ANN401 - SQLAlchemy's loaders
    """Find the upload that an id names, in the size that it names.

    Args:
        id_: of the variant.
        session: for the upload.
        options: how to load it.

    Raises:
        NotFound: there is no such upload, or no such preset.
    """
    parsed = parse_variant_id(id_)
    upload = session.get(Upload, parsed[0], options=options) if parsed else None
    if parsed is None or upload is None:
        raise NotFound("There is no such variant.")
    return Variant(upload, parsed[1])
