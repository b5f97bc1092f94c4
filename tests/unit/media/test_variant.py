"""Ids, keys and sizes of variants."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.media.presets import PRESETS
from open_event_uploads.media.variant import (
    original_key,
    parse_variant_id,
    variant_id,
    variant_keys,
)
from open_event_uploads.storage.contract import check_key

THUMBNAIL = PRESETS["thumbnail"]


@given(st.uuids(version=4), st.sampled_from(["jpg", "png", "gif", "webp", "avif"]))
def test_a_key_names_its_original_and_is_one_that_a_storage_takes(
    name: uuid.UUID, extension: str
) -> None:
    key = f"{name}.{extension}"
    for each in variant_keys(key):
        assert check_key(each) == each
        assert original_key(each) == key
    assert original_key(key) is None


@given(st.uuids(version=4))
def test_an_id_names_its_upload_and_its_preset(name: uuid.UUID) -> None:
    assert parse_variant_id(variant_id(str(name), THUMBNAIL)) == (str(name), THUMBNAIL)


@given(st.text(max_size=60))
def test_any_other_text_names_nothing(text: str) -> None:
    assert parse_variant_id(text) is None
    assert original_key(text) is None


@given(st.integers(1, 100_000), st.integers(1, 100_000))
def test_nothing_is_enlarged_and_no_side_is_empty(width: int, height: int) -> None:
    new_width, new_height = THUMBNAIL.size_of(width, height)
    assert 1 <= new_width <= min(width, 500)
    assert 1 <= new_height <= height


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1000, 500), (500, 250)),
        ((500, 500), (500, 500)),
        ((499, 3), (499, 3)),
        ((9999, 1), (500, 1)),
    ],
)
def test_the_aspect_is_kept(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert THUMBNAIL.size_of(*size) == expected


def test_a_preset_that_changes_has_another_digest() -> None:
    changed = type(THUMBNAIL)("thumbnail", 500, "image/webp", quality=THUMBNAIL.quality + 1)
    assert changed.digest != THUMBNAIL.digest
