"""A compiled schema writes what marshmallow would."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from open_event_uploads.accounts.token import SCOPES, Token
from open_event_uploads.accounts.token_schema import TokenSchema
from open_event_uploads.accounts.user import User
from open_event_uploads.accounts.user_schema import UserSchema
from open_event_uploads.database.row import row_class_of
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.jsonapi.fields import (
    FieldWithWriter,
    Relationship,
    Timestamp,
    timestamp,
)
from open_event_uploads.jsonapi.schema import Schema
from open_event_uploads.jsonapi.serializer import relationship_links, serializer
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.schema import UploadSchema
from open_event_uploads.uploads.variant_schema import VariantSchema
from open_event_uploads.variants.model import SavedPreset
from open_event_uploads.variants.preset_schema import PresetSchema
from open_event_uploads.variants.variant import Variant

encode = msgspec.json.encode


def as_a_row(model: Any) -> Any:  # noqa: ANN401 - any model
    """The same values as the database gives them where nobody needs the model."""
    columns = [each.key for each in model.__mapper__.column_attrs]
    return row_class_of(type(model))(*(getattr(model, name) for name in columns))


def as_a_picture(upload: Upload) -> Upload:
    upload.media_type = "image/png"
    return upload


texts = st.text(max_size=20)
numbers = st.integers(0, 2**40)
times = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the bounds of `datetimes` have no zone
times |= times.map(lambda time: time.replace(microsecond=0))
ids = st.uuids(version=4).map(str)
uploads = st.builds(
    Upload,
    id=ids,
    key=ids.map(lambda id_: f"{id_}.png"),
    status=texts | st.just("ready"),
    filename=texts,
    alt=texts,
    media_type=texts | st.just("image/png"),
    size=numbers,
    checksum=texts,
    width=st.integers(1, 50_000),
    height=st.integers(1, 50_000),
    frames=numbers,
    placeholder=st.none() | texts,
    color=st.none() | texts,
    created_at=times,
    updated_at=times,
    expires_at=st.none() | times,
    owner_id=st.none() | ids,
    refusal=st.none() | st.dictionaries(texts, texts, max_size=2),
)
tokens = st.builds(
    Token,
    id=ids,
    user_id=ids,
    name=texts,
    scope=st.none() | st.sets(st.sampled_from(SCOPES)).map(" ".join),
    created_at=times,
    expires_at=st.none() | times,
    last_used_at=st.none() | times,
)
presets = st.builds(
    SavedPreset,
    id=ids,
    name=texts,
    width=st.none() | numbers,
    height=st.none() | numbers,
    fit=texts,
    focal_x=st.floats(0, 1),
    focal_y=st.floats(0, 1),
    encoding=texts,
    quality=numbers,
)
pictures = uploads.map(as_a_picture)
CASES: list[tuple[type[Schema], st.SearchStrategy[Any]]] = [
    (UploadSchema, uploads | uploads.map(as_a_row)),
    (UserSchema, st.builds(User, id=ids, name=texts)),
    (TokenSchema, tokens | tokens.map(as_a_row)),
    (PresetSchema, presets),
    (VariantSchema, st.builds(Variant, pictures, st.just(Preset("icon", 75, None)))),
]
collections = st.just("https://example.org/100%25/v1/uploads") | texts


@pytest.mark.usefixtures("in_the_application")
@pytest.mark.parametrize(
    ("schema", "objects"), CASES, ids=lambda case: getattr(case, "__name__", "")
)
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_resource_is_what_its_schema_says(
    schema: type[Schema], objects: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    obj = data.draw(objects)
    names = sorted(schema.public_names())
    wanted = data.draw(st.none() | st.frozensets(st.sampled_from(names)))
    collection = data.draw(collections)
    found = serializer(schema, wanted, collection)(obj)
    # To the byte, so that the order is the same, too.
    assert encode(found) == encode(
        written_by_marshmallow(schema, wanted, obj, f"{collection}/{obj.id}")
    )


def written_value(field: Any, value: Any, obj: Any) -> object:  # noqa: ANN401 - any field, value and model
    if isinstance(field, Timestamp):
        return timestamp(value)
    if isinstance(field, FieldWithWriter):
        return field.writer()(value, obj)
    return field.serialize(field.name, obj)


def written_by_marshmallow(
    schema: type[Schema],
    wanted: frozenset[str] | None,
    obj: Any,  # noqa: ANN401 - a model
    address: str,
) -> dict[str, Any]:
    shown = {
        public: schema.shared().fields[name]
        for public, name in schema.public_names().items()
        if wanted is None or public in wanted
    }
    attributes = {
        public: written_value(each, getattr(obj, each.attribute or each.name), obj)
        for public, each in shown.items()
        if not isinstance(each, Relationship)
    }
    relationships = {
        public: {"links": relationship_links(address, public), "data": each.linkage(obj)}
        for public, each in shown.items()
        if isinstance(each, Relationship)
    }
    members = {
        "type": schema.opts.type_,
        "id": obj.id,
        "attributes": attributes,
        "relationships": relationships,
        "links": {"self": address},
        "meta": schema.meta_of(obj),
    }
    return {name: value for name, value in members.items() if value}


@pytest.fixture
def in_the_application(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
