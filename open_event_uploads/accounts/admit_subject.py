"""Somebody comes with a token of another service: who is that here?"""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from open_event_uploads.accounts.create_user import NewUser, create_user
from open_event_uploads.accounts.trust_issuer import Claims
from open_event_uploads.accounts.user import NAME_MAX_CHARACTERS, User


def admit_subject(claims: Claims, *, creates: bool, session: Session) -> User | None:
    """The user whom another service means by its subject.

    Found by issuer and subject alone: an email in a token proves nothing about who has that
    email here.

    Args:
        claims: of a token that is believed.
        creates: whether an unknown subject becomes a member.
        session: is rolled back where somebody is made.

    Returns:
        The user; None for somebody unknown who is not to be made.
    """
    found = _find(claims, session)
    if found is not None or not creates:
        return found
    name = "".join(each for each in claims.name if each.isprintable()).strip()
    new = NewUser(
        name=name[:NAME_MAX_CHARACTERS].strip() or "Member",
        issuer=claims.issuer,
        subject=claims.subject,
    )
    try:
        return create_user(new, session=session)
    except IntegrityError:  # somebody with two requests at once
        return _find(claims, session)


def _find(claims: Claims, session: Session) -> User | None:
    same = (User.issuer == claims.issuer, User.subject == claims.subject)
    return session.scalar(select(User).where(*same))
