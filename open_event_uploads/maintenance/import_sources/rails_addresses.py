"""Make the addresses under which a Rails application served the files of Active Storage."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from open_event_uploads.errors import InvalidImport
from open_event_uploads.maintenance.import_sources.rails_signature import (
    RailsSignature,
    read_signature,
)

# What comes before the signed id; Rails 6.0 and older had no word after the first.
_KINDS = tuple(
    f"{kind}{way}" for kind in ("blobs/", "representations/") for way in ("redirect/", "proxy/", "")
)
# ActiveStorage::Filename#sanitized.
_REPLACED = re.compile(r"[\u202e%$|:;/\t\r\n\\]")
_SIGNED = re.compile(
    r"(?P<prefix>/.*?)/(?P<kind>(?:blobs|representations)/(?:redirect/|proxy/)?)"
    r"(?P<id>[^/]+--[^/]+)/.+"
)


@dataclass(frozen=True, slots=True)
class RailsAddresses:
    """The addresses of an application's files.

    Args:
        prefix: what they begin with.
        kind: of the address that people have; one of an original.
        signature: how the application signs.
    """

    prefix: str
    kind: str
    signature: RailsSignature

    def original(self, blob_id: object, filename: str) -> str:
        """Return the address of a blob as the application writes it."""
        name = quote(_REPLACED.sub("-", filename), safe="")
        return f"{self.prefix}/{self.kind}{self._sign(blob_id)}/{name}"

    def prefixes(self, blob_id: object) -> tuple[str, ...]:
        """Return the beginnings of all addresses of a blob.

        Rails looks at the signed id alone. How a smaller image was made stands behind it, and not
        in the database: all of them lead to the original.
        """
        signed = self._sign(blob_id)
        return tuple(f"{self.prefix}/{kind}{signed}/" for kind in _KINDS)

    def _sign(self, blob_id: object) -> str:
        known = blob_id if isinstance(blob_id, int) and blob_id >= 0 else str(blob_id)
        return quote(self.signature.sign(known), safe="=")


def read_addresses(secret_file: Path | None, signed_address: str) -> RailsAddresses | None:
    """Find out how an application makes addresses; None if there is no secret and no example.

    Args:
        secret_file: with its `secret_key_base`.
        signed_address: one of its addresses: a URL or a path.

    Raises:
        InvalidImport: one of both is missing, or they do not belong together.
    """
    if secret_file is None and not signed_address:
        return None
    if secret_file is None or not signed_address:
        raise InvalidImport("--secret-file and --signed-address need each other")
    try:
        found = _SIGNED.fullmatch(urlsplit(signed_address).path)
    except ValueError:
        found = None
    if found is None:
        raise InvalidImport(
            "--signed-address: expected an address such as "
            "/rails/active_storage/blobs/redirect/…/picture.png"
        )
    try:
        secret = secret_file.read_text("utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise InvalidImport(f"--secret-file: it cannot be read: {error}") from None
    signature = read_signature(secret, unquote(found["id"]))
    return RailsAddresses(
        found["prefix"], found["kind"].replace("representations/", "blobs/"), signature
    )
