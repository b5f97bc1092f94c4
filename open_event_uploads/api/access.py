"""Who may reach accounts over HTTP, until there are rules for everything."""

from flask import request

from open_event_uploads.api.identity import current_identity, current_user_id
from open_event_uploads.errors import Forbidden, Unauthenticated

_READS = frozenset({"GET", "HEAD"})


def require_admin(type_: str) -> None:
    """Make sure that an admin sends the request, with the scope for it.

    Args:
        type_: of the resources that it is about.

    Raises:
        Unauthenticated: nobody says who sends it.
        Forbidden: somebody else does.
    """
    identity = current_identity()
    if identity is None:
        raise Unauthenticated("Send a token: `Authorization: Bearer …`.", header="Authorization")
    scope = f"{type_}:{'read' if request.method in _READS else 'write'}"
    if identity.role != "admin" or not identity.has_scope(scope):
        raise Forbidden("Only admins may do that, with a token that is not limited otherwise.")


def sees_all_of(user_id: str) -> bool:
    """Whether the request may be shown more of a user than id and name: its own, or an admin's."""
    identity = current_identity()
    if identity is None or not identity.has_scope("users:read"):
        return False
    return identity.role == "admin" or current_user_id() == user_id
