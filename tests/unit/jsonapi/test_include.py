"""`include`: which paths are followed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.accounts.user_schema import UserSchema
from open_event_uploads.errors import InvalidParameter
from open_event_uploads.jsonapi.include import MAX_DEPTH, Path, read_include
from open_event_uploads.jsonapi.schema import Schema
from open_event_uploads.uploads.schema import UploadSchema
from open_event_uploads.uploads.variant_schema import VariantSchema

SCHEMAS: dict[str, type[Schema]] = {
    "uploads": UploadSchema,
    "variants": VariantSchema,
    "users": UserSchema,
}


def read(value: str) -> tuple[Path, ...]:
    return read_include({(): value}, UploadSchema, SCHEMAS)


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ("", ()),
        ("owner", (("owner",),)),
        ("variants,owner", (("variants",), ("owner",))),
        ("variants.upload.owner", (("variants", "upload", "owner"),)),
        ("owner,owner", (("owner",),)),
        ("owner,", (("owner",),)),
    ],
)
def test_paths_are_read_in_their_order(value: str, paths: tuple[Path, ...]) -> None:
    assert read(value) == paths


@pytest.mark.parametrize(
    "value",
    [
        "url",
        "owner.name",
        "variants.",
        ".variants",
        "variants..upload",
        " owner",
        "Owner",
        "owner;variants",
        "__class__",
        ".".join(["variants", "upload"] * 2),
        ".",
    ],
)
def test_what_leads_nowhere_is_refused(value: str) -> None:
    with pytest.raises(InvalidParameter) as refusal:
        read(value)
    assert refusal.value.parameter == "include"


def test_a_family_has_no_members() -> None:
    with pytest.raises(InvalidParameter) as refusal:
        read_include({("uploads",): "owner"}, UploadSchema, SCHEMAS)
    assert refusal.value.parameter == "include[uploads]"


steps = st.sampled_from(["variants", "owner", "upload", "url", "", "x"])
paths_sent = st.lists(st.lists(steps, max_size=5).map(".".join), max_size=25).map(",".join)


@given(paths_sent | st.text(max_size=30))
def test_every_path_that_is_read_leads_somewhere(value: str) -> None:
    try:
        paths = read(value)
    except InvalidParameter as refusal:
        named = refusal.parameter
    else:
        named = "include"
        check(value, paths)
    assert named == "include"


def check(value: str, paths: tuple[Path, ...]) -> None:
    assert len(set(paths)) == len(paths)
    assert ",".join(".".join(path) for path in paths) == ",".join(
        dict.fromkeys(filter(None, value.split(",")))
    )
    for path in paths:
        assert 1 <= len(path) <= MAX_DEPTH
        schema: type[Schema] = UploadSchema
        for step in path:
            schema = SCHEMAS[schema.relationships()[step].target]
