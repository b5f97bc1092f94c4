"""What a form says."""

from collections.abc import Iterable, Mapping
from typing import Any, cast
from urllib.parse import parse_qsl

from flask import g, request
from werkzeug.datastructures import MultiDict

from open_event_uploads.errors import InvalidRequest, ManyErrors, UploadsError
from open_event_uploads.jsonapi.body import read_body
from open_event_uploads.jsonapi.documents import ResourceObject
from open_event_uploads.jsonapi.schema import Schema

_FORM = "application/x-www-form-urlencoded"
# The longest text, each of whose characters takes twelve bytes at most; or 200 ids.
_MAX_BYTES = 64 * 1024
_MAX_FIELDS = 500
# More than any counter has.
_VERSION_DIGITS = 19

Form = MultiDict[str, str]


def sent() -> Form:
    """The fields of the form that was sent; none where the body is something else.

    Raises:
        InvalidRequest: it is no form in UTF-8.
        As `read_body`.
    """
    if "admin_form" not in g:
        g.admin_form = _read() if request.mimetype == _FORM else MultiDict()
    return cast("Form", g.admin_form)


def sent_version() -> frozenset[int] | None:
    """The version that a form was made from; None where it does not say."""
    text = sent().get("version", "")
    is_one = text.isascii() and text.isdigit() and len(text) < _VERSION_DIGITS
    return frozenset({int(text)}) if is_one else None


def read_attributes(schema: type[Schema], attributes: Mapping[str, object]) -> dict[str, Any]:
    """Values by field name, judged as in a document.

    Args:
        schema: of what is written.
        attributes: by public name.

    Raises:
        ManyErrors: one for each attribute at fault.
    """
    return schema.shared().read(ResourceObject(dict(attributes), {}, {}), partial=True)


def as_problems(error: UploadsError | ManyErrors) -> Iterable[UploadsError]:
    """What to tell somebody who filled in a form."""
    return error.errors if isinstance(error, ManyErrors) else [error]


def _read() -> Form:
    body = read_body(_MAX_BYTES)
    try:
        fields = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError:
        raise InvalidRequest("The form cannot be read.") from None
    return MultiDict(fields)
