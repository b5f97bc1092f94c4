"""Send files to an Open Event Uploads server, and list, change and delete uploads.

`UploadsClient` and `AsyncUploadsClient` carry out the same steps, which `api.py` and `tus.py`
describe without any input or output.
"""

from open_event_uploads_client.async_client import AsyncUploadsClient
from open_event_uploads_client.attributes import Attributes, Visibility
from open_event_uploads_client.client import UploadsClient
from open_event_uploads_client.errors import (
    ConnectionLost,
    ErrorDetail,
    UploadInterrupted,
    UploadsClientError,
    UploadsError,
)
from open_event_uploads_client.models import DownloadLink, Policies, Session, Upload, Variant

__version__ = "1.0.0"

__all__ = [
    "AsyncUploadsClient",
    "Attributes",
    "ConnectionLost",
    "DownloadLink",
    "ErrorDetail",
    "Policies",
    "Session",
    "Upload",
    "UploadInterrupted",
    "UploadsClient",
    "UploadsClientError",
    "UploadsError",
    "Variant",
    "Visibility",
]
