"""Read and fill the forms that change the fields of an upload, or of several."""

from datetime import datetime

from open_event_uploads.admin.read_form import Form
from open_event_uploads.admin.translate import gettext
from open_event_uploads.errors import InvalidAttribute, ManyErrors, UploadsError
from open_event_uploads.uploads.fields import FIELDS, Choice, Lease, Text, values_of
from open_event_uploads.uploads.model import UploadColumns

# What several uploads can have in common; a file name tells them apart.
TOGETHER = tuple(each for each in FIELDS if isinstance(each.type, Text | Choice | Lease))


def shown_values(upload: UploadColumns) -> dict[str, str]:
    """Return what the inputs of an upload's form hold, by attribute."""
    values = values_of(upload)
    return {each.attribute: _input_value(values[each.name]) for each in FIELDS}


def written_attributes(form: Form, upload: UploadColumns) -> dict[str, str | None]:
    """Return the attributes that a form changes, as a document would have them.

    An empty text clears it, an empty lease keeps the upload for good; an empty name or choice
    changes nothing.
    """
    shown = shown_values(upload)
    found: dict[str, str | None] = {}
    for field in FIELDS:
        written = form.get(field.attribute)
        if written is None:
            continue
        if isinstance(field.type, Lease):
            # What was not touched has lost its microseconds, and stays as it is.
            if written != shown[field.attribute]:
                found[field.attribute] = _timestamp(written)
        elif written or isinstance(field.type, Text):
            found[field.attribute] = written
    return found


def written_together(form: Form) -> dict[str, str | None]:
    """Return the attributes that a form sets for several uploads, as a document would have them.

    What is empty stays as it is, unless its box says to remove it.

    Raises:
        ManyErrors: one for each field that is both written and removed.
    """
    found, problems = dict[str, str | None](), list[UploadsError]()
    for field in TOGETHER:
        written, removes = form.get(field.attribute, ""), f"clear-{field.attribute}" in form
        if written and removes:
            problems.append(
                InvalidAttribute(
                    gettext("It cannot be both set and removed."), attribute=field.attribute
                )
            )
        elif isinstance(field.type, Lease) and (written or removes):
            found[field.attribute] = _timestamp(written)
        elif written or (removes and isinstance(field.type, Text)):
            found[field.attribute] = written
    if problems:
        raise ManyErrors(problems)
    return found


def _input_value(value: object) -> str:
    """Return the text of an input; times are in UTC (HTML, "Local dates and times")."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S")
    return str(value or "")


def _timestamp(written: str) -> str | None:
    if not written:
        return None
    # Browsers leave out seconds that are zero.
    return f"{written}:00Z" if written.count(":") == 1 else f"{written}Z"
