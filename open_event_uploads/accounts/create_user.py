"""Somebody gets an account."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from open_event_uploads.accounts.email import normal_email
from open_event_uploads.accounts.hash_password import hash_password
from open_event_uploads.accounts.user import NAME_MAX_CHARACTERS, Role, User
from open_event_uploads.database.transaction import write_transaction
from open_event_uploads.errors import EmailTaken, InvalidAttribute


@dataclass(frozen=True, slots=True)
class NewUser:
    """Who gets an account.

    Args:
        name: what others see.
        email: to sign in with; None for who never does.
        role: what they may do.
        active: whether they may do it now.
        password: to sign in with; None for who never does.
        issuer, subject: who they are in the tokens of another service, if they are.
    """

    name: str
    email: str | None = None
    role: Role = "member"
    active: bool = True
    password: str | None = field(default=None, repr=False)
    issuer: str | None = None
    subject: str | None = None


def create_user(
    new: NewUser,
    *,
    before_commit: Callable[[User], None] = lambda _: None,
    session: Session,
) -> User:
    """Make an account.

    Args:
        new: whose.
        before_commit: is called with it, in the transaction that makes it.
        session: has no transaction under way that matters; it is rolled back first.

    Raises:
        InvalidAttribute: of what the account would have, something cannot be; nothing is made.
        EmailTaken: another user has this email.
        PasswordsBusy, DatabaseUnavailable: nothing is made.
    """
    # Hashed before any transaction is open: it takes long.
    user = User(
        name=check_name(new.name),
        email=None if new.email is None else normal_email(new.email),
        role=new.role,
        active=new.active,
        password_hash=None if new.password is None else hash_password(new.password),
        issuer=new.issuer,
        subject=new.subject,
    )
    with taken_if_twice(), write_transaction(session):
        refuse_taken(user.email, session)
        session.add(user)
        session.flush()
        before_commit(user)
    return user


def check_name(name: str) -> str:
    """A name that can be kept and shown.

    Raises:
        InvalidAttribute: it is empty, too long, or holds what no name does.
    """
    found = name.strip()
    if not found or len(found) > NAME_MAX_CHARACTERS or not found.isprintable():
        raise InvalidAttribute(
            f"A name has 1 to {NAME_MAX_CHARACTERS} printable characters.", attribute="name"
        )
    return found


def refuse_taken(email: str | None, session: Session) -> None:
    """Make sure that nobody has this email.

    Raises:
        EmailTaken: somebody has.
    """
    if email is not None and session.scalar(select(User.id).where(User.email == email)):
        raise EmailTaken


@contextmanager
def taken_if_twice() -> Iterator[None]:
    """On PostgreSQL two may look before either writes; the index tells the second one."""
    try:
        yield
    except IntegrityError as error:
        # Its first line names the index or its columns, the next ones what somebody sent.
        if "email" not in str(error.orig).partition("\n")[0]:
            raise
        raise EmailTaken from None
