"""Find or create the user whom another service's token names."""

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from open_event_uploads.accounts.create_user import NewUser, create_user
from open_event_uploads.accounts.issuer import Claims
from open_event_uploads.accounts.user import NAME_MAX_CHARACTERS, User, UserRow
from open_event_uploads.database.read import read


def resolve_subject(claims: Claims, *, creates: bool, engine: Engine) -> UserRow | None:
    """Return the user whom another service means by its subject.

    Users are found by issuer and subject alone: an email in a token does not prove who has that
    email here.

    Args:
        claims: of a verified token.
        creates: whether an unknown subject becomes a member.
        engine: of the database.

    Returns:
        The user; None for an unknown subject who is not created.
    """
    found = _find(claims, engine)
    if found is not None or not creates:
        return found
    name = "".join(each for each in claims.name if each.isprintable()).strip()
    new = NewUser(
        name=name[:NAME_MAX_CHARACTERS].strip() or "Member",
        issuer=claims.issuer,
        subject=claims.subject,
    )
    try:
        return create_user(new, engine=engine)
    except IntegrityError:  # two first requests at once
        return _find(claims, engine)


def _find(claims: Claims, engine: Engine) -> UserRow | None:
    same = (User.issuer == claims.issuer, User.subject == claims.subject)
    found = read(engine, select(User).where(*same), UserRow)
    return found[0] if found else None
