"""The tables, one module each, and what keeps them consistent."""

from open_event_uploads.models.base import Base
from open_event_uploads.models.idempotency_key import IdempotencyKey
from open_event_uploads.models.instance import Instance
from open_event_uploads.models.saved_preset import SavedPreset
from open_event_uploads.models.token import Token
from open_event_uploads.models.upload import Upload
from open_event_uploads.models.usage import Usage
from open_event_uploads.models.user import User

__all__ = ["Base", "IdempotencyKey", "Instance", "SavedPreset", "Token", "Upload", "Usage", "User"]
