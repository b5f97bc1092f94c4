"""Declare who may call a route, and how the server treats the call, beside the route.

The feature decides by the row what a member may see or change of other users.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from open_event_uploads.errors import Forbidden, Unauthenticated
from open_event_uploads.server.identity import Identity


class Who(Enum):
    """The callers of a route; what they then find may be less than an admin would."""

    ANYBODY = auto()
    # Members, and anybody at all where `UPLOADS_ANONYMOUS_UPLOADS` is on.
    UPLOADERS = auto()
    MEMBERS = auto()
    ADMINS = auto()
    # Nobody, not even an admin: the view answers 403 to those who may see the resource.
    NOBODY = auto()


class Counts(Enum):
    """The rate limit that a call counts against."""

    # One file, before the body is read.
    FILE = auto()
    # One file, before the body is read, if the body is longer than `ALLOWANCE_BYTES`.
    LONG_BODY = auto()
    # An attempt to sign in; the view counts it, since the body names the account.
    SIGN_IN = auto()


@dataclass(frozen=True, slots=True)
class Policy:
    """The treatment of a call of a route by one method.

    Args:
        who: may call it.
        scope: what a limited token needs for it.
        writes: whether it is refused in read-only mode.
        counts: what it counts as against the rate limits.
        body: checks by the head the body that the route takes, and asks for it (`expect_body`);
            None where it takes none, and none is received.
        checked: False calls the view before any credentials are read, and no other hook runs.
        has_own_guard: whether a hook of its blueprint identifies the sender and applies the policy.
        logs: whether the log has a line about each success.
        documented: whether the OpenAPI description has it.
    """

    who: Who
    scope: str | None = None
    writes: bool = False
    counts: Counts | None = None
    body: Callable[[], object] | None = None
    checked: bool = True
    has_own_guard: bool = False
    logs: bool = True
    documented: bool = True

    def check(self, identity: Identity | None, *, anonymous_uploads: bool) -> None:
        """Make sure that the sender, None for anybody, may call the route.

        Raises:
            Unauthenticated: the request has no credentials, and needs them.
            Forbidden: the sender may not.
        """
        if self.who in {Who.ANYBODY, Who.NOBODY}:
            return
        if identity is None:
            if self.who is Who.UPLOADERS and anonymous_uploads:
                return
            raise Unauthenticated(
                "Send a token: `Authorization: Bearer …`.", header="Authorization"
            )
        if self.who is Who.ADMINS and not identity.is_admin:
            raise Forbidden("Only admins may do that.")
        if self.scope and not identity.has_scope(self.scope):
            raise Forbidden(f"The token lacks the scope `{self.scope}`.")


# The policies that several features need.
ANYBODY = Policy(Who.ANYBODY)
NOBODY = Policy(Who.NOBODY)
