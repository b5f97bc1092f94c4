"""The fields of an upload are columns, and docs/how-to/writing.md lists them."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from open_event_uploads.uploads.fields import (
    FIELDS,
    Choice,
    FileName,
    Lease,
    Text,
    UploadField,
    values_of,
)
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.schema import AnnouncedUploadSchema, UploadSchema

PAGE = Path(__file__).parents[3] / "docs/how-to/writing.md"

every_field = pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)


@every_field
def test_a_field_is_a_column(field: UploadField) -> None:
    assert field.name in sa.inspect(Upload).columns.keys()  # noqa: SIM118 - the collection has no `in` for names


@every_field
def test_a_field_without_a_default_may_be_null_or_is_named_by_us(field: UploadField) -> None:
    is_named = isinstance(field.type, FileName)
    assert field.default is not None or sa.inspect(Upload).columns[field.name].nullable or is_named


@every_field
def test_what_null_clears_may_be_null(field: UploadField) -> None:
    assert not field.null_clears or sa.inspect(Upload).columns[field.name].nullable


def test_clients_write_the_fields_and_the_file() -> None:
    assert UploadSchema.writable().keys() == {each.attribute for each in FIELDS} | {"data"}
    announced = {"media-type", "size", "checksum"}
    assert (
        AnnouncedUploadSchema.writable().keys() == {each.attribute for each in FIELDS} | announced
    )


def test_an_upload_has_a_value_for_every_field() -> None:
    upload = Upload(**{each.name: each.name for each in FIELDS})
    assert values_of(upload) == {each.name: each.name for each in FIELDS}


@every_field
def test_the_documentation_describes_it(field: UploadField) -> None:
    name = "`upload.` and an extension"
    new = {None: "null, or the lease of the settings", "": "empty"}
    default = name if isinstance(field.type, FileName) else new.get(field.default)  # type: ignore[call-overload]  # any other default is not in it
    cells = (f"`{field.attribute}`", _value(field), default or f"`{field.default}`")
    row = f"| {' | '.join(cells)} | {field.description} |"
    assert row in PAGE.read_text("utf-8").splitlines()


def _value(field: UploadField) -> str:
    match field.type:
        case FileName(most):
            return f"a name of at most {most} characters, cleaned"
        case Text(most):
            return f"text of at most {most:,} characters"
        case Choice(words):
            return " or ".join(f"`{each}`" for each in words)
        case Lease():
            return "a time (RFC 3339) or null"
