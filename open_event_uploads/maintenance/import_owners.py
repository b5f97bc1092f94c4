"""Find the accounts of the owners of imported files, or create them."""

from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache

from sqlalchemy import Engine

from open_event_uploads.accounts.create_user import NewUser, check_user, create_user
from open_event_uploads.accounts.find_user import find_user
from open_event_uploads.accounts.user import NAME_MAX_CHARACTERS
from open_event_uploads.errors import InvalidAccount, UploadsError


class ImportOwners:
    """The owners of files.

    Args:
        default_id: of the user who owns files without an owner, and files of unknown ones; None for
            nobody, then files of unknown ones are refused.
        creates: whether an account is created for an unknown email. It has no password.
        dry_run: create none.
        report: is called with a line about each owner who was unknown.
        engine: of the database.
    """

    def __init__(
        self,
        default_id: str | None = None,
        *,
        creates: bool = False,
        dry_run: bool = False,
        report: Callable[[str], None],
        engine: Engine,
    ) -> None:
        self._default_id = default_id
        self._creates = creates
        self._dry_run = dry_run
        self._report = report
        self._engine = engine
        self._find_once = lru_cache(maxsize=1000)(self._find)

    def find(self, who: str | None, name: str = "") -> str | None:
        """Return the id of the owner of a file; None for nobody.

        Args:
            who: an email or an id; None for no owner.
            name: for a new account.

        Raises:
            InvalidAccount: there is no such user, nobody takes the place, and none can be created.
            DatabaseUnavailable, ReadOnly: none can be created now.
        """
        return self._default_id if who is None else self._find_once(who, name)

    def _find(self, who: str, name: str) -> str | None:
        try:
            return find_user(who, engine=self._engine).id
        except InvalidAccount:
            if self._creates and "@" in who:
                return self._create(who, name)
            if self._default_id is None:
                raise
            self._report(f"{who} has no account: the files go to the one of --owner")
            return self._default_id

    def _create(self, email: str, name: str) -> str | None:
        new = NewUser(_name(email, name), email)
        try:
            if self._dry_run:
                check_user(new)
                self._report(f"{email} has no account: one would be created")
                return None
            made = create_user(new, engine=self._engine)
        except UploadsError as error:
            if error.is_of_server:
                raise
            # Another import, or the person, may have created it meanwhile.
            with suppress(InvalidAccount):
                return find_user(email, engine=self._engine).id
            raise InvalidAccount(f"no account can be created for {email}: {error.detail}") from None
        self._report(f"{email} has no account: one was created, without a password")
        return made.id


def _name(email: str, name: str) -> str:
    """Return a name that `check_name` takes; the first part of the email if there is none."""
    printable = "".join(each for each in name if each.isprintable()).strip()
    return (printable or email.partition("@")[0])[:NAME_MAX_CHARACTERS].strip()
