"""Keep the SHA-256 of what has arrived of an upload, from one request to the next.

Otherwise a file would be read again once it is whole: half as long as it took to write 1 GB. Bytes
that were acknowledged never change, so the digest of the first ones stays right, whoever goes on
with the upload meanwhile. It is known to the process alone that has seen all of them.
"""

import hashlib
from collections import OrderedDict
from threading import Lock
from typing import Protocol, Self

# Some hundred bytes each; of the uploads that went on last.
_MAX_DIGESTS = 1000


class RunningDigest(Protocol):
    """A SHA-256 that is being computed, as of `hashlib`."""

    def update(self, data: bytes, /) -> None:
        """Add bytes."""

    def hexdigest(self) -> str:
        """Return the digest of all bytes so far."""

    def copy(self) -> Self:
        """Return another one, of the same bytes so far."""


class RunningDigests:
    """The digests of the uploads that one process receives."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._digests = OrderedDict[tuple[str, int], RunningDigest]()

    def take(self, id_: str, received: int) -> RunningDigest | None:
        """Return the digest of the first bytes of an upload, to be continued; None if unknown.

        Args:
            id_: of the resumable upload.
            received: how many bytes have been acknowledged.
        """
        if not received:
            return hashlib.sha256()
        with self._lock:
            return self._digests.pop((id_, received), None)

    def keep(self, id_: str, received: int, digest: RunningDigest) -> None:
        """Keep the digest of bytes that are acknowledged; arguments as of `take`."""
        with self._lock:
            self._digests[id_, received] = digest.copy()
            if len(self._digests) > _MAX_DIGESTS:
                self._digests.popitem(last=False)


DIGESTS = RunningDigests()
