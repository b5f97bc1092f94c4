"""Refuse the bytes of a request that go beyond the end that its client has told."""

from collections.abc import Sequence

from open_event_uploads.errors import InconsistentLength
from open_event_uploads.uploads.resumable.arriving import ArrivingBytes
from open_event_uploads.uploads.resumable.remove import remove


class ExactBytes(ArrivingBytes):
    """A receiver of bytes that removes the upload if there are more of them than its length.

    What came is then not what was announced ("Resumable Uploads for HTTP", "Upload Append").
    """

    def append(self, parts: Sequence[bytes]) -> None:
        """`ArrivingBytes.append`.

        Raises:
            InconsistentLength: there are too many.
        """
        end = self._received + sum(map(len, parts))
        if self._length is not None and end > self._length:
            remove(self._lock, self._place)
            raise InconsistentLength(
                f"The length is {self._length} bytes, and more came; begin again.",
                header="Upload-Length",
            )
        super().append(parts)
