"""Compute the memory and time that decoding an image may take."""

import math
from typing import Protocol

from open_event_uploads.confined.limits import Limits
from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.imaging.preset import Preset


class SourceImage(Protocol):
    """An inspected image, such as the row of an upload.

    Its media type and size (pixels, upright) determine what it costs to render.
    """

    media_type: str
    width: int
    height: int
    frames: int


_MIB = 1024 * 1024

# Measured with the largest images that the default settings allow, of every format: beside its own
# 30 MB a decoder needs at most 21 bytes for each pixel of a frame, and to render another 26 bytes
# for each pixel of the result; of an animation, 13 for each pixel of each frame.
_BASE_BYTES = 128 * _MIB
_BYTES_A_PIXEL = 24
_BYTES_A_RESULT_PIXEL = 28
_BYTES_A_FRAME_PIXEL = 14

# The same images took at most 0.05 s of processor time for each megapixel decoded, and 1.6 s for
# each encoded (AVIF, of noise); other processors may be half as fast. The limits are generous,
# because an image refused for its time would cost that time again at every request.
_BASE_SECONDS = 10
_SECONDS_A_MEGAPIXEL = 0.25
_SECONDS_A_RESULT_MEGAPIXEL = 4
# The machine may be busy with other work.
_WALL_A_CPU_SECOND = 3


def limits_to_inspect(policy: FilePolicy, file_bytes: int) -> Limits:
    """Return the limits for inspecting a file of the largest image that a policy allows."""
    decoded = max(policy.max_pixels, policy.max_pixels_of_all_frames)
    return _limits(
        file_bytes * 2 + policy.max_pixels * _BYTES_A_PIXEL, decoded / 1e6 * _SECONDS_A_MEGAPIXEL
    )


def limits_to_render(preset: Preset, source: SourceImage, file_bytes: int) -> Limits:
    """Return the limits for rendering, by the size of the original and of the result."""
    frames = source.frames
    pixels = source.width * source.height
    result = math.prod(preset.size_of(source.width, source.height))
    bytes_a_pixel = _BYTES_A_RESULT_PIXEL if frames == 1 else _BYTES_A_FRAME_PIXEL * frames
    return _limits(
        file_bytes * 4 + pixels * _BYTES_A_PIXEL + result * bytes_a_pixel,
        frames / 1e6 * (pixels * _SECONDS_A_MEGAPIXEL + result * _SECONDS_A_RESULT_MEGAPIXEL),
    )


def _limits(memory_bytes: int, cpu_seconds: float) -> Limits:
    cpu = _BASE_SECONDS + int(cpu_seconds)
    return Limits(_BASE_BYTES + memory_bytes, cpu, float(cpu * _WALL_A_CPU_SECOND))
