"""Compare bytes with the checksum that a client sent."""

import hashlib
from dataclasses import dataclass

from open_event_uploads.errors import UploadsError
from open_event_uploads.imaging.incoming import IncomingFile


@dataclass(frozen=True, slots=True)
class Checksum:
    """The checksum that bytes must have.

    Args:
        algorithm: of `hashlib`.
        digest: in binary.
        refusal: raised if they have another.
    """

    algorithm: str
    digest: bytes
    refusal: UploadsError

    def check(self, digest: bytes) -> None:
        """Raise `refusal` unless this is the digest, in binary."""
        if digest != self.digest:
            raise self.refusal

    def check_file(self, file: IncomingFile) -> None:
        """Raise `refusal` unless a file has this checksum."""
        if self.algorithm == "sha256":
            # It is needed anyway, and kept.
            self.check(bytes.fromhex(file.checksum.removeprefix("sha256:")))
            return
        digest = hashlib.new(self.algorithm)
        for chunk in file:
            digest.update(chunk)
        self.check(digest.digest())
