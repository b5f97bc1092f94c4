"""State what must hold for a user to be changed or deleted."""

from dataclasses import dataclass

from open_event_uploads.accounts.user import UserRow
from open_event_uploads.database.rows import check_version
from open_event_uploads.errors import ChangedMeanwhile


@dataclass(frozen=True, slots=True)
class Conditions:
    """Hold conditions that are checked in the transaction of a change.

    Args:
        versions: one of which the user must have; None for any.
        credentials_version: that the user must have, because the sender has proved to know the
            password of that version; None for any.
        keeps_admin: whether an active admin must be left. Only the command line does without: it
            can make another.
    """

    versions: frozenset[int] | None = None
    credentials_version: int | None = None
    keeps_admin: bool = True

    def check(self, user: UserRow) -> None:
        """Check what depends on the user alone.

        Raises:
            PreconditionFailed: the user has another version.
            ChangedMeanwhile: the password has been changed since it was checked.
        """
        check_version(user, self.versions)
        if self.credentials_version not in {None, user.credentials_version}:
            raise ChangedMeanwhile("The password was changed meanwhile; sign in again.")


UNCONDITIONAL = Conditions()
