"""Create a user."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from open_event_uploads.accounts.email import normalize_email
from open_event_uploads.accounts.hash_password import hash_password
from open_event_uploads.accounts.user import NAME_MAX_CHARACTERS, Role, UserRow
from open_event_uploads.database.rows import insert
from open_event_uploads.database.write import write
from open_event_uploads.errors import EmailTaken, InvalidAttribute, Sentence


@dataclass(frozen=True, slots=True)
class NewUser:
    """Describe a user to be created.

    Args:
        name: shown to others.
        email: to sign in with; None for a user who never does.
        role: what they may do.
        active: whether they may use the server.
        password: to sign in with; None for a user who never does.
        issuer, subject: how the tokens of another service name them, if they do.
    """

    name: str
    email: str | None = None
    role: Role = "member"
    active: bool = True
    password: str | None = field(default=None, repr=False)
    issuer: str | None = None
    subject: str | None = None


def create_user(new: NewUser, *, engine: Engine) -> UserRow:
    """Create a user.

    Raises:
        InvalidAttribute: a value is invalid; nothing is created.
        EmailTaken: another user has this email.
        PasswordsBusy, DatabaseUnavailable: nothing is created.
    """
    checked = check_user(new)
    # The password is hashed before the transaction begins, because it takes long.
    values = {
        "name": checked.name,
        "email": checked.email,
        "role": new.role,
        "active": new.active,
        "password_hash": None if new.password is None else hash_password(new.password),
        "issuer": new.issuer,
        "subject": new.subject,
    }
    with duplicate_email_is_taken():
        return write(engine, lambda execute: insert(execute, UserRow, values))


def check_user(new: NewUser) -> NewUser:
    """Return a user to be created, with the name and the email as they are stored.

    Raises:
        InvalidAttribute: one of them is invalid.
    """
    email = None if new.email is None else normalize_email(new.email)
    return replace(new, name=check_name(new.name), email=email)


def check_name(name: str) -> str:
    """Return a name without surrounding white space.

    Raises:
        InvalidAttribute: it is empty, too long, or has characters that cannot be printed.
    """
    found = name.strip()
    if not found or len(found) > NAME_MAX_CHARACTERS or not found.isprintable():
        raise InvalidAttribute(
            Sentence("A name has 1 to %(most)s printable characters.", most=NAME_MAX_CHARACTERS),
            attribute="name",
        )
    return found


@contextmanager
def duplicate_email_is_taken() -> Iterator[None]:
    """Raise `EmailTaken` if the unique index on emails refuses a row."""
    try:
        yield
    except IntegrityError as error:
        # The first line names the index or its columns, the others quote values.
        if "email" not in str(error.orig).partition("\n")[0]:
            raise
        raise EmailTaken from None
