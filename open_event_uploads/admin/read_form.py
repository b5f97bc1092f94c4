"""Read the form that a page sent."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from open_event_uploads.current import current_g, current_request
from open_event_uploads.errors import InvalidRequest, ManyErrors, UploadsError
from open_event_uploads.jsonapi.body import read_body
from open_event_uploads.jsonapi.documents import ResourceObject
from open_event_uploads.jsonapi.expected_body import expect_body, expected_body
from open_event_uploads.jsonapi.schema import Schema

_FORM = "application/x-www-form-urlencoded"
# Enough for the longest text, with 12 bytes a character; or for 200 ids.
_MAX_BYTES = 64 * 1024
_MAX_FIELDS = 500
# A counter of 64 bits has at most this many digits.
_VERSION_DIGITS = 19

Form = MultiDict[str, str]


def is_form() -> bool:
    """Return whether the request's body is a form."""
    return current_request().mimetype == _FORM


def expect_fields() -> None:
    """Ask for the form that a page sends; errors as of `expect_body`."""
    if is_form():
        expect_body(_MAX_BYTES)


def read_form() -> Form:
    """Return the fields of the form that was sent; none if the body is no form.

    Raises:
        InvalidRequest: the form is not in UTF-8, or has too many fields.
        As `read_body`.
    """
    g = current_g()
    if "admin_form" not in g:
        g.admin_form = _parse() if expected_body() and is_form() else MultiDict()
    return cast("Form", g.admin_form)


def read_version() -> frozenset[int] | None:
    """Return the version that the form was filled in for; None if it names none."""
    text = read_form().get("version", "")
    is_number = text.isascii() and text.isdigit() and len(text) < _VERSION_DIGITS
    return frozenset({int(text)}) if is_number else None


def read_attributes(schema: type[Schema], attributes: Mapping[str, object]) -> dict[str, Any]:
    """Return values by field name, checked as those of a document.

    Raises:
        ManyErrors: one for each attribute that is not valid.
    """
    return schema.shared().read(ResourceObject(dict(attributes), {}, {}), partial=True)


def errors_in(error: UploadsError | ManyErrors | None) -> list[UploadsError]:
    """Return the errors to show above a form."""
    if isinstance(error, ManyErrors):
        return list(error.errors)
    return [error] if error else []


def _parse() -> Form:
    body = read_body()
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
