"""Compute ids, keys and formats of variants."""

import uuid
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.imaging.formats import FORMATS, ImageFormat
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.storage.contract import check_key
from open_event_uploads.storage.keys import original_key, variants_folder
from open_event_uploads.variants.variant import Variant, parse_variant_id, variant_format

PRESETS = [Preset("thumbnail", 500, None), Preset("same", 9, 9, "cover", encoding="same")]


@given(st.uuids(version=4), st.sampled_from(FORMATS), st.sampled_from(PRESETS))
def test_a_key_names_its_original_and_is_one_that_a_storage_takes(
    name: uuid.UUID, source: ImageFormat, preset: Preset
) -> None:
    key = f"{name}.{source.extension}"
    upload = SimpleNamespace(key=key, media_type=source.media_type)
    variant = Variant(upload, preset)
    assert check_key(variant.key) == variant.key
    assert variant.key.startswith(f"{variants_folder(key)}/")
    assert original_key(variant.key) == key
    assert variant_format(variant.key) == variant.format
    assert (original_key(key), variant_format(key)) == (None, None)


@given(st.uuids(version=4))
def test_an_id_names_its_upload_and_its_preset(name: uuid.UUID) -> None:
    variant = Variant(SimpleNamespace(id=str(name)), PRESETS[0])
    assert parse_variant_id(variant.id) == (str(name), "thumbnail")


@given(st.text(max_size=60))
def test_any_other_text_names_nothing(text: str) -> None:
    assert parse_variant_id(text) is None
    assert original_key(text) is None
