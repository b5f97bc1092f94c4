"""Write down the values that an edit replaces."""

from typing import Any

from open_event_uploads.jsonapi.fields import timestamp
from open_event_uploads.uploads.fields import FIELDS, Lease, Values, values_of
from open_event_uploads.uploads.model import UploadColumns


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
