"""Ask for the current password before users change what they sign in with."""

from collections.abc import Mapping
from typing import Any

from open_event_uploads.accounts.hash_password import is_password
from open_event_uploads.accounts.rules import changes_credentials
from open_event_uploads.accounts.user import UserColumns
from open_event_uploads.errors import Forbidden, InvalidAttribute, WrongPassword
from open_event_uploads.server.identity import current_user_id
from open_event_uploads.server.rate_limits import charge_confirmation

_ATTRIBUTE = "current-password"


def confirm_password(
    user: UserColumns, changes: Mapping[str, Any], current_password: str | None
) -> int | None:
    """Check the password with which the sender of the request changes their own password or email.

    Whoever finds a session or a token cannot turn it into an account of their own this way. Admins
    change those of others without it. Attempts count against the limits on signing in.

    Args:
        user: is to be changed.
        changes: new values by field.
        current_password: that the sender gave; None for none.

    Returns:
        The `credentials_version` whose password was right; None where none is needed.

    Raises:
        InvalidAttribute: the password is missing.
        WrongPassword: it is wrong.
        Forbidden: the user has none.
        RateLimitExceeded, PasswordsBusy: it was not checked.
    """
    if user.id != current_user_id() or not changes_credentials(user, changes):
        return None
    if user.password_hash is None:
        raise Forbidden("The account has no password; an admin can set one.")
    if current_password is None:
        raise InvalidAttribute(
            "Send your current password to change your password or email.", attribute=_ATTRIBUTE
        )
    charge_confirmation(user.id)
    if not is_password(current_password, user.password_hash):
        raise WrongPassword(_ATTRIBUTE)
    return user.credentials_version
