"""Parts of an address."""

from werkzeug.routing import BaseConverter


class IdConverter(BaseConverter):
    """A resource id: a UUID in its canonical spelling; anything else is nobody's address."""

    regex = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
