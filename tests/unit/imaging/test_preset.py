"""Compute the sizes that presets give."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.imaging.formats import BY_MEDIA_TYPE, FORMATS
from open_event_uploads.imaging.preset import ENCODINGS, FITS, Preset

sides = st.integers(1, 20_000)
boxes = st.integers(1, 10_000)
presets = st.builds(
    Preset,
    name=st.just("mine"),
    width=boxes,
    height=boxes,
    fit=st.sampled_from(FITS),
    focal_x=st.floats(0, 1),
    focal_y=st.floats(0, 1),
    encoding=st.sampled_from(ENCODINGS),
    quality=st.integers(1, 100),
)


@given(presets, sides, sides)
def test_nothing_is_enlarged_and_no_side_is_empty(preset: Preset, width: int, height: int) -> None:
    found = preset.size_of(width, height)
    assert all(side >= 1 for side in found)
    assert found[0] <= (preset.width or found[0])
    assert found[1] <= (preset.height or found[1])
    if preset.fit != "contain":
        assert found[0] <= width
        assert found[1] <= height


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("size", [(900, 60_000), (100_000, 1), (1, 20_000)])
def test_no_side_is_longer_than_the_format_allows(encoding: Any, size: tuple[int, int]) -> None:  # noqa: ANN401 - an encoding
    preset = Preset("a", 1300, None, encoding=encoding)
    png = BY_MEDIA_TYPE["image/png"]
    most = preset.format_of(png).max_side or max(size)
    found = preset.size_of(*size)
    assert max(found) <= most
    whole = Preset("a", 1300, None, encoding="png").size_of(*size)
    assert found == whole or max(found) == most


@given(presets, sides, sides)
def test_a_result_in_the_same_box_stays_as_it_is(preset: Preset, width: int, height: int) -> None:
    if preset.fit in {"inside", "fill"}:
        once = preset.size_of(width, height)
        assert preset.size_of(*once) == once


@given(presets, st.integers(100, 20_000), st.integers(100, 20_000))
def test_the_aspect_is_the_pictures_or_the_boxs(preset: Preset, width: int, height: int) -> None:
    found = preset.size_of(width, height)
    assert preset.width
    assert preset.height
    if preset.fit == "inside":
        wanted = width / height
    elif preset.fit == "fill":
        return
    else:
        wanted = preset.width / preset.height
    # Rounded by half a pixel on either side.
    lowest = (found[0] - 0.51) / (found[1] + 0.51)
    highest = (found[0] + 0.51) / max(0.49, found[1] - 0.51)
    assert lowest <= wanted <= highest or 1 in found


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1000, 500), (500, 250)),
        ((500, 500), (500, 500)),
        ((499, 3), (499, 3)),
        ((9999, 1), (500, 1)),
    ],
)
def test_one_side_is_enough_to_fit_inside(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert Preset("thumbnail", 500, None).size_of(*size) == expected
    assert Preset("thumbnail", None, 500).size_of(*size[::-1]) == expected[::-1]


@pytest.mark.parametrize(
    "changes",
    [
        {"width": 499},
        {"height": 500},
        {"focal_x": 0.4},
        {"focal_y": 0.4},
        {"encoding": "jpeg"},
        {"quality": 81},
        {"height": 500, "fit": "cover"},
    ],
)
def test_what_decides_about_the_bytes_is_in_the_digest(changes: dict[str, Any]) -> None:
    base: dict[str, Any] = {"name": "a", "width": 500, "height": None}
    assert Preset(**{**base, **changes}).digest != Preset(**base).digest
    assert Preset(**{**base, "name": "b"}).digest == Preset(**base).digest
    assert len(Preset(**base).digest) == 16


@pytest.mark.parametrize("source", FORMATS)
def test_a_result_has_the_format_that_is_asked_for(source: Any) -> None:  # noqa: ANN401 - a format
    assert Preset("a", 5, 5, encoding="same").format_of(source) is source
    assert Preset("a", 5, 5, encoding="jpeg").format_of(source) is BY_MEDIA_TYPE["image/jpeg"]


@pytest.mark.parametrize(
    "values",
    [
        {"width": None},
        {"width": 0},
        {"width": -1},
        {"width": 10_001},
        {"fit": "cover"},
        {"fit": "other"},
        {"encoding": "gif"},
        {"quality": 0},
        {"quality": 101},
        {"focal_x": -0.1},
        {"focal_y": 1.1},
        {"focal_x": float("nan")},
        {"name": ""},
        {"name": "A"},
        {"name": "a--b"},
        {"name": "-a"},
        {"name": "1a"},
        {"name": "a" * 41},
    ],
)
def test_a_preset_that_makes_no_sense_cannot_be(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Preset(**{"name": "a", "width": 5, "height": None, **values})
