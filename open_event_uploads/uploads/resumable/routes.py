"""`/v1/uploads/resumable`: uploads that survive an interrupted connection.

The pages for admins have the same views below an address of their own, with their own guard.
"""

from dataclasses import replace

from flask import Response

from open_event_uploads.context import current_settings
from open_event_uploads.current import current_request
from open_event_uploads.server.policy import Counts, Policy, Who
from open_event_uploads.server.routes import Routes
from open_event_uploads.uploads.resumable import draft, draft_views, tus, tus_views
from open_event_uploads.uploads.resumable.addresses import COLLECTION, is_resumable_path
from open_event_uploads.uploads.resumable.tus_views import expect_overridden, override
from open_event_uploads.uploads.resumable.views import Views

# What both protocols do with an upload that has been begun.
_OF_ONE = frozenset({"HEAD", "GET", "PATCH", "DELETE"})


def _chosen() -> Views:
    """Return the views of the protocol that the request is of.

    Only tus names itself, in each of its requests but OPTIONS.
    """
    request = current_request()
    if "Tus-Resumable" in request.headers or not draft.is_offered():
        return tus_views.VIEWS
    is_draft = request.method in _OF_ONE or draft.read_complete() is not None
    return draft_views.VIEWS if is_draft else tus_views.VIEWS


def expect_creation() -> None:
    """Check the head of a request that begins an upload, begin it, and ask for its first bytes."""
    _chosen().expect_creation()


def create() -> Response:
    """Answer a request that begins an upload, or makes one of parts."""
    return _chosen().create()


def show(id: str) -> Response:  # noqa: A002 - the address's name for it
    """Answer HEAD, or GET: how much has been received. Whoever was sending has lost the lock."""
    return _chosen().show(id)


def expect_append() -> None:
    """Check the head of a request that goes on with an upload, and ask for its bytes."""
    _chosen().expect_append()


def append(id: str) -> Response:  # noqa: A002 - the address's name for it
    """Answer PATCH: what was sent is durable, and an upload is made of the last bytes."""
    return _chosen().append(id)


def terminate(id: str) -> Response:  # noqa: A002 - the address's name for it
    """Answer DELETE: nothing is kept but the upload that was made."""
    return _chosen().terminate(id)


def _add_fields(response: Response) -> Response:
    """Add to every answer of these addresses the header fields that its protocol requires."""
    request = current_request()
    # A method that is not known here has no rule.
    is_ours = is_resumable_path(request.path)
    takes_draft = (is_ours or request.endpoint == "upload_list") and draft.is_offered()
    if is_ours or (takes_draft and draft.read_complete() is not None):
        _chosen().add_fields(response)
    if request.method == "OPTIONS":
        if is_ours:
            response.headers.update(tus.discovery_fields(int(current_settings().max_bytes)))
        if takes_draft:
            response.headers.update(draft.discovery_fields())
    return response


# Taking the lock is a write, also for HEAD.
SEND = Policy(Who.UPLOADERS, "uploads:write", writes=True)
CREATE = replace(SEND, counts=Counts.FILE, body=expect_creation)
APPEND = replace(SEND, body=expect_append)
OVERRIDE = replace(SEND, body=expect_overridden)


def register_routes(routes: Routes) -> None:
    """Add the routes of this module."""
    one = f"{COLLECTION}/<id:id>"
    with routes.app.app_context():
        shown = {"HEAD": SEND, "GET": SEND} if draft.is_offered() else {"HEAD": SEND}
    routes.add(COLLECTION, "resumable_list", create, POST=CREATE)
    routes.add(one, "resumable_detail", show, **shown)
    routes.add(one, "resumable_append", append, PATCH=APPEND)
    routes.add(one, "resumable_terminate", terminate, DELETE=SEND)
    routes.add(one, "resumable_override", override, POST=OVERRIDE)
    routes.app.after_request(_add_fields)
