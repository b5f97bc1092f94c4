"""Converters for the variable parts of addresses."""

from werkzeug.routing import BaseConverter

from open_event_uploads.database.types import ID_PATTERN


class IdConverter(BaseConverter):
    """A resource id: a UUID in its canonical spelling; anything else has no address."""

    regex = ID_PATTERN


class NameConverter(BaseConverter):
    """A member name, as of a relationship."""

    regex = "[a-z][a-z0-9-]*"
