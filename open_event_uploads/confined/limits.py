"""Limit memory and time of a job; the kernel ends a process that exceeds its limits."""

import resource
import time
from contextlib import suppress

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """The limits of one job.

    Args:
        memory_bytes: private memory of the process, including its initial 30 MB.
        cpu_seconds: processor time.
        wall_seconds: time until the answer, also on a busy machine.
    """

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: float


_DESCRIPTORS = 32


def confine() -> None:
    """Deny this process what no job needs: writing files, many descriptors, core dumps."""
    _limit(resource.RLIMIT_CORE, 0, 0)
    _limit(resource.RLIMIT_FSIZE, 0, 0)
    _limit(resource.RLIMIT_NOFILE, _DESCRIPTORS, _DESCRIPTORS)


# The limits in force; a process works in one thread.
_current = {"cpu_seconds": 0, "memory_bytes": 0}


def apply_limits(limits: Limits) -> None:
    """Apply the limits of a job to this process, as far as they are not in force already.

    Memory is limited by RLIMIT_DATA (Linux 4.7), private writable memory; RLIMIT_AS would count
    what threads reserve and never use. Beyond it an allocation fails. Processor time counts from
    the start of the process, so the time used before is added; at the limit comes SIGXCPU.
    """
    used = time.process_time()
    left = _current["cpu_seconds"] - used
    if not limits.cpu_seconds <= left <= limits.cpu_seconds + 1:
        _current["cpu_seconds"] = int(used) + 1 + limits.cpu_seconds
        _limit(resource.RLIMIT_CPU, _current["cpu_seconds"], resource.RLIM_INFINITY)
    if limits.memory_bytes != _current["memory_bytes"]:
        _current["memory_bytes"] = limits.memory_bytes
        _limit(resource.RLIMIT_DATA, limits.memory_bytes, resource.RLIM_INFINITY)


def _limit(what: int, soft: int, hard: int) -> None:
    # A system may lack a limit or have a lower one; `wall_seconds` holds in any case.
    with suppress(ValueError, OSError):
        resource.setrlimit(what, (soft, hard))
