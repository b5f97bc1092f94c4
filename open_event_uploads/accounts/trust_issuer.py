"""Tokens that another service issues: whose are believed, and how they are read (RFC 7519)."""

from dataclasses import dataclass

import jwt

from open_event_uploads.accounts.load_keys import VerifyingKey, load_keys
from open_event_uploads.accounts.user import SUBJECT_MAX_CHARACTERS
from open_event_uploads.settings import Settings

# Clocks of two machines differ.
_LEEWAY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says of who holds it.

    Args:
        issuer: who says so; empty where nobody is named.
        subject: who it is, in the issuer's words.
        name: what to call them.
    """

    issuer: str
    subject: str
    name: str


@dataclass(frozen=True, slots=True)
class Issuer:
    """Another service whose tokens are believed.

    Args:
        keys: any of them may have signed.
        audience: whom a token must be for; None where it must not say.
        name: who must have issued it; None for whoever holds a key.
        creates_users: whether a subject that nobody here is becomes a member.
    """

    keys: tuple[VerifyingKey, ...]
    audience: str | None
    name: str | None
    creates_users: bool

    def read(self, token: str) -> Claims | None:
        """What a token says, or None where it is not to be believed."""
        try:
            name = jwt.get_unverified_header(token).get("kid")
        except jwt.PyJWTError:
            return None
        named = (each for each in self.keys if name is None or each.name in {None, name})
        return next(filter(None, (self._claims(token, key) for key in named)), None)

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
        if not (_is_name(subject) and subject and isinstance(issuer, str) and _is_name(issuer)):
            return None
        spoken = claims.get("name")
        return Claims(issuer, subject, spoken if isinstance(spoken, str) and spoken else subject)


def _is_name(text: str) -> bool:
    """Whether it can be kept; PostgreSQL takes no NUL."""
    return len(text) <= SUBJECT_MAX_CHARACTERS and text.isprintable()


def trust_issuer(settings: Settings) -> Issuer | None:
    """Whose tokens the settings say are believed; None for nobody's.

    Raises:
        InvalidSettings: a key cannot be read or is not fit for this; the text names the setting.
    """
    keys = load_keys(settings)
    if not keys:
        return None
    return Issuer(
        keys, settings.jwt_audience or None, settings.jwt_issuer or None, settings.jwt_create_users
    )
