"""Converters for the ids of variants and of the policy in addresses."""

from werkzeug.routing import BaseConverter

from open_event_uploads.database.types import ID_PATTERN


class VariantIdConverter(BaseConverter):
    """The id of a variant: an upload's, and a preset's name."""

    regex = f"{ID_PATTERN}-[a-z][a-z0-9-]*"


class PolicyConverter(BaseConverter):
    """The id of a policy: there is one."""

    regex = "current"
