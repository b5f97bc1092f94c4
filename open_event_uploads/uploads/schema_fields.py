"""Fields of uploads."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from marshmallow_jsonapi import fields

from open_event_uploads.context import current_settings
from open_event_uploads.errors import InvalidAttribute
from open_event_uploads.imaging.data_uri import decode_data_uri
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.policy import check_file_size
from open_event_uploads.jsonapi.fields import Timestamp, read_timestamp
from open_event_uploads.storage.keys import is_private
from open_event_uploads.uploads.filename import clean_filename


class DataUri(fields.Field):
    """A base64 data URI; its value is the file in it.

    The media type it declares is ignored: the bytes decide.
    """

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> IncomingFile:  # noqa: ANN401, ARG002 - marshmallow's signature
        max_bytes = int(current_settings().max_bytes)
        try:
            if isinstance(value, IncomingFile):  # it was decoded where it stood in the document
                check_file_size(value.size, max_bytes)
                return value
            if not isinstance(value, str):
                raise ValidationError("Expected a data URI, as a string.")
            return IncomingFile(decode_data_uri(value, max_bytes=max_bytes))
        except InvalidAttribute as error:
            # Kept whole: the schema's reader unwraps it.
            raise ValidationError([error]) from None


class FileName(fields.String):
    """A file name; cleaned, not refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ANN401 - marshmallow's signature
        return clean_filename(super()._deserialize(value, attr, data, **kwargs))


class Lease(Timestamp):
    """The end of a lease; `lease.py` bounds it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> datetime:  # noqa: ANN401, ARG002 - marshmallow's signature
        found = read_timestamp(value)
        if found is None:
            raise ValidationError("A time is written as 2026-11-24T09:00:00Z (RFC 3339).")
        return found


def media_url(key: str) -> str:
    """Return the address of the bytes under a storage key; private ones are served here.

    A bucket or a CDN, which may serve the others, knows no user's token.
    """
    return media_urls()(key)


def media_urls() -> Callable[[str], str]:
    """Return a function that gives the address of each of many keys."""
    settings = current_settings()
    private, public = f"{settings.public_url}/media/", f"{settings.media_url}/"
    return lambda key: (private if is_private(key) else public) + key


class MediaUrl(fields.Field):
    """The public address of the bytes under a storage key."""

    def writer(self) -> Callable[[str, Any], str | None]:
        """`FieldWithWriter.writer`."""
        address = media_urls()
        return lambda key, _: address(key)


class UploadUrl(MediaUrl):
    """The public address of an upload, as long as its bytes are served."""

    def writer(self) -> Callable[[str, Any], str | None]:
        """`FieldWithWriter.writer`."""
        address = media_urls()
        return lambda key, upload: address(key) if upload.status == "ready" else None
