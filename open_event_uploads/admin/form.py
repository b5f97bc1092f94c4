"""Read the form of a request."""

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
# Enough for the longest text, with twelve bytes for each character, and for 200 ids.
_MAX_BYTES = 64 * 1024
_MAX_FIELDS = 500
# More than any version has.
_VERSION_DIGITS = 19

Form = MultiDict[str, str]


def sent_form() -> Form:
    """Return the fields of the request's form; none if the body is not a form.

    Raises:
        InvalidRequest: the form is not valid UTF-8.
        As `read_body`.
    """
    if "admin_form" not in g:
        g.admin_form = _read() if request.mimetype == _FORM else MultiDict()
    return cast("Form", g.admin_form)


def sent_version() -> frozenset[int] | None:
    """Return the version that a form was made from, or None if it has none."""
    text = sent_form().get("version", "")
    is_one = text.isascii() and text.isdigit() and len(text) < _VERSION_DIGITS
    return frozenset({int(text)}) if is_one else None


def read_attributes(schema: type[Schema], attributes: Mapping[str, object]) -> dict[str, Any]:
    """Return validated values by field name, as from a document.

    Raises:
        ManyErrors: one for each invalid attribute.
    """
    return schema.shared().read(ResourceObject(dict(attributes), {}, {}), partial=True)


def errors_of(error: UploadsError | ManyErrors) -> Iterable[UploadsError]:
    """Return the errors to show beside a form."""
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
        raise InvalidRequest("The form is not valid URL-encoded UTF-8.") from None
    return MultiDict(fields)
