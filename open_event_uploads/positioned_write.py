"""Write parts into an open file at a position, without moving the position of its readers."""

import os
from collections.abc import Sequence

# The most buffers of one call (pwritev(2); `IOV_MAX` of Linux is 1024).
_MAX_BUFFERS = 1000


def write_parts(
    descriptor: int, parts: Sequence[bytes | bytearray], at: int, *, is_kept: bool
) -> int:
    """Write parts one after the other, and return the position behind them.

    Args:
        descriptor: of the file.
        parts: the bytes.
        at: position of the first byte.
        is_kept: begin to write them to the disk at once, because the file will be flushed:
            flushed at the end, 100 MB took another 60 ms.
    """
    for first in range(0, len(parts), _MAX_BUFFERS):
        some = parts[first : first + _MAX_BUFFERS]
        size = sum(map(len, some))
        _write(descriptor, some, at, size)
        if is_kept:
            # Linux begins to write pages that it cannot drop (mm/fadvise.c); they stay cached.
            os.posix_fadvise(descriptor, at, size, os.POSIX_FADV_DONTNEED)
        at += size
    return at


def _write(descriptor: int, parts: Sequence[bytes | bytearray], at: int, size: int) -> None:
    written = os.pwritev(descriptor, parts, at)
    if written < size:
        rest = memoryview(b"".join(parts))
        while written < size:
            written += os.pwrite(descriptor, rest[written:], at + written)
