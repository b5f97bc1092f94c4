"""Refuse files beyond each limit, with the limit and the actual value."""

import pytest

from open_event_uploads.errors import (
    EmptyFile,
    FileTooLarge,
    TooManyFrames,
    TooManyPixels,
    UnsupportedFileType,
)
from open_event_uploads.imaging.policy import FilePolicy

POLICY = FilePolicy(
    frozenset({"image/png"}),
    max_bytes=10,
    max_pixels=100,
    max_frames=5,
    max_pixels_of_all_frames=300,
)


def test_the_defaults_are_those_of_the_design() -> None:
    policy = FilePolicy(frozenset(), max_bytes=1, max_pixels=1)
    assert (policy.max_frames, policy.max_pixels_of_all_frames) == (500, 200_000_000)


@pytest.mark.parametrize("size", [1, 10])
def test_a_size_up_to_the_limit_is_fine(size: int) -> None:
    POLICY.check_size(size)


def test_no_bytes_are_an_empty_file() -> None:
    with pytest.raises(EmptyFile):
        POLICY.check_size(0)


def test_a_byte_too_many() -> None:
    with pytest.raises(FileTooLarge) as refusal:
        POLICY.check_size(11)
    assert (refusal.value.limit, refusal.value.actual) == (10, 11)


def test_a_type_that_is_allowed() -> None:
    POLICY.check_media_type("image/png")


def test_a_type_that_is_not_allowed() -> None:
    with pytest.raises(UnsupportedFileType, match="image/gif"):
        POLICY.check_media_type("image/gif")


@pytest.mark.parametrize(
    ("width", "height", "frames"), [(10, 10, 1), (100, 1, 1), (10, 6, 5), (10, 10, 3)]
)
def test_pixels_and_frames_up_to_the_limits_are_fine(width: int, height: int, frames: int) -> None:
    POLICY.check_frames(width, height, frames)


@pytest.mark.parametrize(
    ("width", "height", "frames", "limit", "actual"),
    [(101, 1, 1, 100, 101), (1, 101, 1, 100, 101), (10, 10, 4, 300, 400), (61, 1, 5, 300, 305)],
)
def test_a_pixel_too_many(width: int, height: int, frames: int, limit: int, actual: int) -> None:
    with pytest.raises(TooManyPixels) as refusal:
        POLICY.check_frames(width, height, frames)
    assert (refusal.value.limit, refusal.value.actual) == (limit, actual)


def test_a_frame_too_many() -> None:
    with pytest.raises(TooManyFrames) as refusal:
        POLICY.check_frames(1, 1, 6)
    assert (refusal.value.limit, refusal.value.actual) == (5, 6)


def test_the_budget_of_all_frames_does_not_narrow_a_single_frame() -> None:
    wide = FilePolicy(frozenset(), max_bytes=1, max_pixels=100, max_pixels_of_all_frames=50)
    wide.check_frames(10, 10, 1)
