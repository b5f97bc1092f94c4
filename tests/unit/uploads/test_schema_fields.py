"""What schemas promise about the columns that they name."""

import pytest
import sqlalchemy as sa

from open_event_uploads.jsonapi.filters.attributes import Attribute
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.schema import UploadSchema

COLUMNS = sa.inspect(Upload).columns


@pytest.mark.parametrize("column", UploadSchema.sortable.values())
def test_what_may_be_sorted_by_is_never_null(column: str) -> None:
    # The two engines put NULL at different ends.
    assert not COLUMNS[column].nullable


@pytest.mark.parametrize("column", UploadSchema.sortable.values())
def test_what_may_be_sorted_by_has_an_index_that_ends_in_the_id(column: str) -> None:
    indexes = [[each.name for each in index.columns][:2] for index in Upload.__table__.indexes]  # type: ignore[attr-defined]  # it is a table
    assert [COLUMNS[column].name, "id"] in indexes


@pytest.mark.parametrize(
    "attribute", [each for each in UploadSchema.filterable.values() if isinstance(each, Attribute)]
)
def test_what_may_be_filtered_by_is_a_column(attribute: Attribute) -> None:
    assert attribute.column in COLUMNS.keys()  # noqa: SIM118 - the collection has no `in` for names
