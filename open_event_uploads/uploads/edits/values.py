"""Read the values that an edit sets, and write down those that it replaces."""

from collections.abc import Mapping
from typing import Any

from open_event_uploads.jsonapi.documents import ResourceObject
from open_event_uploads.jsonapi.fields import timestamp
from open_event_uploads.uploads.fields import FIELDS, Lease, Values, values_of
from open_event_uploads.uploads.model import UploadColumns
from open_event_uploads.uploads.schema import UploadSchema


def read_values(attributes: Mapping[str, Any]) -> Values:
    """Return values by the name of the field, checked as those of a document.

    Args:
        attributes: as in a document.

    Raises:
        ManyErrors: one for each attribute that is not valid.
    """
    return UploadSchema.shared().read(ResourceObject(dict(attributes), {}, {}), partial=True)


def former_attributes(upload: UploadColumns, values: Values) -> dict[str, Any]:
    """Return what an upload has in the fields that a change sets to something else.

    Args:
        upload: as it is.
        values: that it is to have, by the name of the field.

    Returns:
        By attribute, as in a document.
    """
    had = values_of(upload)
    return {
        each.attribute: timestamp(had[each.name])
        if isinstance(each.type, Lease)
        else had[each.name]
        for each in FIELDS
        if each.name in values and values[each.name] != had[each.name]
    }
