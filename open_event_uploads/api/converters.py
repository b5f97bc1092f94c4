"""Parts of an address."""

from werkzeug.routing import BaseConverter

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class IdConverter(BaseConverter):
    """A resource id: a UUID in its canonical spelling; anything else is nobody's address."""

    regex = _UUID


class VariantIdConverter(BaseConverter):
    """The id of a variant: an upload's, and a preset's name."""

    regex = f"{_UUID}-[a-z][a-z0-9-]*"


class NameConverter(BaseConverter):
    """A member name, as of a relationship."""

    regex = "[a-z][a-z0-9-]*"
