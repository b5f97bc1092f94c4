"""Sign the ids of Active Storage's blobs as the Rails application does whose secret this is.

Rails derives a key from its `secret_key_base` (ActiveSupport::KeyGenerator), and signs a JSON
object with the id and a purpose (ActiveSupport::MessageVerifier). Versions and settings differ in
the digest of the key, and in how the id stands in the object; one signed address shows both.
"""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from open_event_uploads.errors import InvalidImport
from open_event_uploads.maintenance.import_sources.rails_marshal import marshal

# ActiveSupport's: of keys and of the verifier that ActiveStorage uses.
_SALT, _ITERATIONS, _KEY_BYTES = b"ActiveStorage", 1000, 64
# Before and since the defaults of Rails 7.0.
_KEY_DIGESTS = ("sha1", "sha256")
_SIGNATURES = {40: "sha1", 64: "sha256"}
_PURPOSE = "blob_id"

_Envelope = Callable[[int | str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class RailsSignature:
    """Signatures of the ids of blobs, as one application makes them.

    Args:
        key: that it signs with.
        digest: of its signatures.
        envelope: returns what stands in the object beside the purpose, for an id.
    """

    key: bytes
    digest: str
    envelope: _Envelope

    def sign(self, blob_id: int | str) -> str:
        """Return the signed id of a blob."""
        message = _encode(self.envelope(blob_id))
        return f"{message}--{_sign(self.key, self.digest, message)}"


def read_signature(secret: str, signed_id: str) -> RailsSignature:
    """Find out from one signed id how an application signs.

    Args:
        secret: its `secret_key_base`.
        signed_id: of any of its blobs.

    Raises:
        InvalidImport: it was not signed with this secret, or in a way that is not known.
    """
    message, _, signature = signed_id.rpartition("--")
    digest = _SIGNATURES.get(len(signature))
    if digest is None:
        raise InvalidImport("--signed-address: expected an address with a signed id of a blob")
    for key_digest in _KEY_DIGESTS:
        key = hashlib.pbkdf2_hmac(key_digest, secret.encode(), _SALT, _ITERATIONS, _KEY_BYTES)
        if hmac.compare_digest(_sign(key, digest, message), signature):
            return RailsSignature(key, digest, _read_envelope(message))
    raise InvalidImport("--signed-address: it was not signed with the secret in --secret-file")


def _read_envelope(message: str) -> _Envelope:
    try:
        found = json.loads(b64decode(message, validate=True))["_rails"]
    except (ValueError, KeyError, TypeError):
        found = {}
    if found.get("pur") == _PURPOSE and "data" in found:
        return _of_rails_7_1
    if found.get("pur") == _PURPOSE and "message" in found:
        is_marshal = b64decode(found["message"]).startswith(b"\x04\x08")
        return _of_rails_5_2 if is_marshal else _of_json_in_rails_5_2
    raise InvalidImport("--signed-address: Rails signs it in a way that `import` does not know")


def _of_rails_7_1(blob_id: int | str) -> dict[str, Any]:
    return {"data": blob_id, "pur": _PURPOSE}


def _of_rails_5_2(blob_id: int | str) -> dict[str, Any]:
    return {"message": b64encode(marshal(blob_id)).decode(), "exp": None, "pur": _PURPOSE}


def _of_json_in_rails_5_2(blob_id: int | str) -> dict[str, Any]:
    text = json.dumps(blob_id)
    return {"message": b64encode(text.encode()).decode(), "exp": None, "pur": _PURPOSE}


def _encode(envelope: dict[str, Any]) -> str:
    text = json.dumps({"_rails": envelope}, separators=(",", ":"))
    return b64encode(text.encode()).decode()


def _sign(key: bytes, digest: str, message: str) -> str:
    return hmac.new(key, message.encode(), digest).hexdigest()
