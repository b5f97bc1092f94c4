"""The tables, one module each, and what keeps them consistent."""

from open_event_uploads.models.base import Base
from open_event_uploads.models.instance import Instance
from open_event_uploads.models.upload import Upload

__all__ = ["Base", "Instance", "Upload"]
