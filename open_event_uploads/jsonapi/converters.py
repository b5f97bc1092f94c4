"""Converters for the variable parts of addresses."""

from werkzeug.routing import BaseConverter

from open_event_uploads.database.types import ID_PATTERN


class IdConverter(BaseConverter):
    """A resource id: a UUID in its canonical spelling; anything else has no address."""

    regex = ID_PATTERN


class VariantIdConverter(BaseConverter):
    """The id of a variant: an upload's, and a preset's name."""

    regex = f"{ID_PATTERN}-[a-z][a-z0-9-]*"


class PolicyConverter(BaseConverter):
    """The id of a policy: there is one."""

    regex = "current"


class NameConverter(BaseConverter):
    """A member name, as of a relationship."""

    regex = "[a-z][a-z0-9-]*"
