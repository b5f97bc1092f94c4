"""A compiled schema writes what marshmallow would."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from open_event_uploads.api.jsonapi.fields import Relationship
from open_event_uploads.api.jsonapi.schema import Schema, dasherize
from open_event_uploads.api.jsonapi.serializer import serializer
from open_event_uploads.api.schemas.uploads import UploadSchema
from open_event_uploads.api.schemas.users import UserSchema
from open_event_uploads.api.schemas.variants import VariantSchema
from open_event_uploads.media.preset import Preset
from open_event_uploads.media.variant import Variant
from open_event_uploads.models import Upload, User

texts = st.text(max_size=20)
numbers = st.integers(0, 2**40)
times = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the bounds of `datetimes` have no zone
ids = st.uuids(version=4).map(str)
uploads = st.builds(
    Upload,
    id=ids,
    key=ids.map(lambda id_: f"{id_}.png"),
    status=texts,
    filename=texts,
    alt=texts,
    media_type=st.just("image/png"),
    size=numbers,
    checksum=texts,
    width=st.integers(1, 50_000),
    height=st.integers(1, 50_000),
    frames=numbers,
    placeholder=st.none() | texts,
    color=st.none() | texts,
    created_at=times,
    updated_at=times,
    owner_id=st.none() | ids,
)
CASES: list[tuple[type[Schema], st.SearchStrategy[Any]]] = [
    (UploadSchema, uploads),
    (UserSchema, st.builds(User, id=ids, name=texts)),
    (VariantSchema, st.builds(Variant, uploads, st.just(Preset("icon", 75, None)))),
]


@pytest.mark.usefixtures("in_the_application")
@pytest.mark.parametrize(
    ("schema", "objects"), CASES, ids=lambda case: getattr(case, "__name__", "")
)
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_attributes_are_those_of_the_schema(
    schema: type[Schema], objects: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    obj = data.draw(objects)
    names = sorted(schema.public_names())
    wanted = data.draw(st.none() | st.frozensets(st.sampled_from(names)))
    resource = serializer(schema, wanted)(obj, "/here")  # type: ignore[arg-type]  # a class can be hashed
    shown = {
        dasherize(name): each
        for name, each in schema.shared().fields.items()
        if dasherize(name) in (names if wanted is None else wanted)
    }
    attributes = {
        public: each.serialize(each.name, obj)
        for public, each in shown.items()
        if not isinstance(each, Relationship)
    }
    related = {public for public, each in shown.items() if isinstance(each, Relationship)}
    assert resource.get("attributes", {}) == attributes
    assert resource.get("relationships", {}).keys() == related
    assert (resource["type"], resource["id"]) == (schema.opts.type_, obj.id)
    assert resource["links"] == {"self": "/here"}


@pytest.fixture
def in_the_application(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
