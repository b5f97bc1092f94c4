"""What one job may take; the kernel ends a decoder that takes more."""

import math
import resource
import time
from contextlib import suppress
from typing import Protocol

import msgspec

from open_event_uploads.imaging.policy import Policy
from open_event_uploads.imaging.preset import Preset


class Limits(msgspec.Struct, frozen=True):
    """The limits of one job.

    Args:
        memory_bytes: what the process may have of its own, its 30 MB to begin with included.
        cpu_seconds: of processor time.
        wall_seconds: of waiting for the answer, however busy the machine is.
    """

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: float


class SourceImage(Protocol):
    """An image that has been inspected, as far as the cost of rendering it depends on it.

    A row of an upload is one.
    """

    media_type: str
    width: int
    height: int
    frames: int


_DESCRIPTORS = 32


def confine() -> None:
    """Take from this process what no decoder needs: files, and a core dump when it dies."""
    _limit(resource.RLIMIT_CORE, 0, 0)
    _limit(resource.RLIMIT_FSIZE, 0, 0)
    _limit(resource.RLIMIT_NOFILE, _DESCRIPTORS, _DESCRIPTORS)


# What this process is held to; it decodes in one thread.
_held = {"cpu_seconds": 0, "memory_bytes": 0}


def apply_limits(limits: Limits) -> None:
    """Hold this process to the limits of the job that begins.

    Memory is what the process alone has and may write to (RLIMIT_DATA, Linux 4.7): address space
    (RLIMIT_AS) would count what threads reserve and never use. Beyond it an allocation fails.
    Processor time counts from the start of the process, so what was used before is added; at its
    end comes SIGXCPU. What the process is held to already is left as it is.
    """
    used = time.process_time()
    left = _held["cpu_seconds"] - used
    if not limits.cpu_seconds <= left <= limits.cpu_seconds + 1:
        _held["cpu_seconds"] = int(used) + 1 + limits.cpu_seconds
        _limit(resource.RLIMIT_CPU, _held["cpu_seconds"], resource.RLIM_INFINITY)
    if limits.memory_bytes != _held["memory_bytes"]:
        _held["memory_bytes"] = limits.memory_bytes
        _limit(resource.RLIMIT_DATA, limits.memory_bytes, resource.RLIM_INFINITY)


def _limit(what: int, soft: int, hard: int) -> None:
    # A system may lack one, or be stricter already: the time that a job may wait still holds.
    with suppress(ValueError, OSError):
        resource.setrlimit(what, (soft, hard))


_MIB = 1024 * 1024

# Measured with the largest images that the default settings allow, of every format: beside its
# own 30 MB a decoder needs at most 21 bytes for a pixel of a frame; to make one of another size
# besides 26 bytes for a pixel of the result, where that is animated 13 for each frame's.
_BASE_BYTES = 128 * _MIB
_BYTES_A_PIXEL = 24
_BYTES_A_RESULT_PIXEL = 28
_BYTES_A_FRAME_PIXEL = 14

# The same images took at most 0.05 s of processor time for a megapixel that was decoded, and
# 1.6 s for one that was coded anew (AVIF, of noise); other processors may be half as fast. An
# image that is refused for its time would cost it again at every request.
_BASE_SECONDS = 10
_SECONDS_A_MEGAPIXEL = 0.25
_SECONDS_A_RESULT_MEGAPIXEL = 4
# A machine may have other work to do.
_WALL_A_CPU_SECOND = 3


def limits_to_inspect(policy: Policy, file_bytes: int) -> Limits:
    """What looking at the largest image that a policy allows may take.

    Args:
        policy: what is allowed.
        file_bytes: the size of the file.
    """
    decoded = max(policy.max_pixels, policy.max_pixels_of_all_frames)
    return _limits(
        file_bytes * 2 + policy.max_pixels * _BYTES_A_PIXEL, decoded / 1e6 * _SECONDS_A_MEGAPIXEL
    )


def limits_to_render(preset: Preset, source: SourceImage, file_bytes: int) -> Limits:
    """What making a variant may take, by the size of its original and its own.

    Args:
        preset: what is made.
        source: the original.
        file_bytes: the size of the original.
    """
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
