"""Read the header fields of digests (RFC 9530); what cannot be checked is ignored, as it says."""

from base64 import b64encode

from open_event_uploads.current import current_request
from open_event_uploads.errors import DigestMismatch, RepresentationMismatch, UploadsError
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.jsonapi.structured_fields import read_byte_sequences
from open_event_uploads.uploads.checksum import Checksum

# The active algorithms of the registry (section 7.2), the strongest first, by the names of
# `hashlib`.
ALGORITHMS = {"sha-512": "sha512", "sha-256": "sha256"}


def read_content_digest() -> Checksum | None:
    """Return the checksum that the request's body must have."""
    refusal = DigestMismatch(
        "The bytes have another digest; send them again.", header="Content-Digest"
    )
    return _parse(current_request().headers.get("Content-Digest"), refusal)


def checkable_digest(text: str | None) -> str:
    """Return the one member of a value of Repr-Digest that is checked; an empty text for none."""
    name, digest = _strongest(text)
    return f"{name}=:{b64encode(digest).decode()}:" if name else ""


def parse_representation_digest(text: str | None) -> Checksum | None:
    """Return the checksum that a whole file must have, of a value of Repr-Digest."""
    return _parse(text, RepresentationMismatch("The file has another digest than its Repr-Digest."))


def check_digests(file: IncomingFile) -> None:
    """Check a file that is the whole body of the request.

    Raises:
        DigestMismatch, RepresentationMismatch: it is not what was meant.
    """
    whole = parse_representation_digest(current_request().headers.get("Repr-Digest"))
    for checksum in (read_content_digest(), whole):
        if checksum is not None:
            checksum.check_file(file)


def _parse(text: str | None, refusal: UploadsError) -> Checksum | None:
    name, digest = _strongest(text)
    return Checksum(ALGORITHMS[name], digest, refusal) if name else None


def _strongest(text: str | None) -> tuple[str, bytes]:
    """Return the name and the digest of the member that is checked; an empty name for none."""
    digests = read_byte_sequences(text)
    return next(((name, digests[name]) for name in ALGORITHMS if name in digests), ("", b""))
