"""Load the keys that verify another service's tokens."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from open_event_uploads.errors import InvalidSettings
from open_event_uploads.settings import PREFIX, Settings

_RSA_MIN_BITS = 2048


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """Hold a key and its one algorithm (RFC 8725, section 3.1).

    Args:
        key: a shared secret or a public key.
        algorithm: depends on the kind of key, and never on a token.
        name: the key's id (`kid`), if it has one.
    """

    key: Any
    algorithm: str
    name: str | None = None

    def __repr__(self) -> str:
        return f"VerifyingKey({self.algorithm})"


def load_keys(settings: Settings) -> tuple[VerifyingKey, ...]:
    """Return the keys that the settings name: a secret, a set or a public key.

    Args:
        settings: that name one of these (`Settings.trusts_issuer`).

    Raises:
        InvalidSettings: a key cannot be read or used; the text names the setting.
    """
    if settings.jwt_secret:
        return (VerifyingKey(settings.jwt_secret.get_secret_value(), "HS256"),)
    if settings.jwt_jwks_file:
        return _key_set(settings.jwt_jwks_file)
    return (_public_key(settings.jwt_public_key),)


def _public_key(text: str) -> VerifyingKey:
    setting = f"{PREFIX}JWT_PUBLIC_KEY"
    pem = text if text.lstrip().startswith("-----BEGIN") else _read(Path(text), setting)
    try:
        key = load_pem_public_key(pem.replace("\\n", "\n").encode())
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidSettings(f"{setting}: expected a public key in PEM") from None
    return _verifying_key(key, setting)


def _key_set(path: Path) -> tuple[VerifyingKey, ...]:
    setting = f"{PREFIX}JWT_JWKS_FILE"
    try:
        found = jwt.PyJWKSet.from_json(_read(path, setting)).keys
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError, KeyError):
        raise InvalidSettings(f"{setting}: expected a JSON Web Key Set (RFC 7517)") from None
    signing = [each for each in found if each.public_key_use in {None, "sig"}]
    if not signing:
        raise InvalidSettings(f"{setting}: the set has no key for signatures")
    return tuple(_verifying_key(each.key, setting, each.key_id) for each in signing)


def _verifying_key(key: object, setting: str, name: str | None = None) -> VerifyingKey:
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < _RSA_MIN_BITS:
            raise InvalidSettings(f"{setting}: an RSA key needs {_RSA_MIN_BITS} bits (RFC 7518)")
        return VerifyingKey(key, "RS256", name)
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return VerifyingKey(key, "ES256", name)
    # A shared secret in a set of public keys would not be secret.
    raise InvalidSettings(f"{setting}: expected public keys, RSA or of the curve P-256")


def _read(path: Path, setting: str) -> str:
    try:
        return path.expanduser().read_text("utf-8")
    except (OSError, ValueError, RuntimeError):
        raise InvalidSettings(f"{setting}: the file cannot be read") from None
