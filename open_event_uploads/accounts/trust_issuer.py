"""Verify and read tokens that another service issues (RFC 7519).

`authenticate_request` imports this module if the settings name a key.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import jwt

from open_event_uploads.accounts.issuer import Claims
from open_event_uploads.accounts.load_keys import VerifyingKey, load_keys
from open_event_uploads.accounts.user import SUBJECT_MAX_CHARACTERS
from open_event_uploads.settings import Settings

# For clocks that differ.
_LEEWAY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class KeyIssuer:
    """Verify the tokens of another service by its keys (`Issuer`).

    Args:
        keys: each may have signed a token.
        audience: that a token must name; None if it must name none.
        name: of the issuer that a token must name; None for any.
        creates_users: whether an unknown subject becomes a member.
    """

    keys: tuple[VerifyingKey, ...]
    audience: str | None
    name: str | None
    creates_users: bool

    def read(self, token: str) -> Claims | None:
        """Return the claims of a token, or None if it is not valid."""
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
        except jwt.PyJWTError:
            return None
        keys = (each for each in self.keys if key_id is None or each.name in {None, key_id})
        return next(filter(None, (self._claims(token, key) for key in keys)), None)

    def _claims(self, token: str, key: VerifyingKey) -> Claims | None:
        try:
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[key.algorithm],
                audience=self.audience,
                issuer=self.name,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "sub"]},
            )
        except jwt.PyJWTError:
            return None
        subject, issuer = claims["sub"], claims.get("iss", "")
        if not (
            subject and _is_storable(subject) and isinstance(issuer, str) and _is_storable(issuer)
        ):
            return None
        name = claims.get("name")
        return Claims(
            issuer,
            subject,
            name if isinstance(name, str) and name else subject,
            _end(int(claims["exp"])),
        )


def _end(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.max.replace(tzinfo=UTC)


def _is_storable(text: str) -> bool:
    # PostgreSQL stores no NUL, which is not printable.
    return len(text) <= SUBJECT_MAX_CHARACTERS and text.isprintable()


def trust_issuer(settings: Settings) -> KeyIssuer:
    """Return the service whose tokens the settings trust.

    Raises:
        InvalidSettings: a key cannot be read or used; the text names the setting.
    """
    return KeyIssuer(
        load_keys(settings),
        settings.jwt_audience or None,
        settings.jwt_issuer or None,
        settings.jwt_create_users,
    )
