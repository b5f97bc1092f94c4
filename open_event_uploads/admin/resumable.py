"""`/admin/files/resumable`: receive the new files that the pages' script sends, by tus 1.0."""

from dataclasses import replace

from flask import Response

from open_event_uploads.admin.page import Page
from open_event_uploads.admin.policies import READ, route
from open_event_uploads.server.policy import Policy
from open_event_uploads.uploads.resumable import routes


def _of_pages(policy: Policy) -> Policy:
    """Return the policy of an address of the API for the same view among the pages."""
    return replace(READ, writes=policy.writes, counts=policy.counts, body=policy.body)


class ResumablePages(Page):
    """Provide the views of `/v1/uploads/resumable` to admins who are signed in here."""

    def __init__(self) -> None:
        super().__init__("Files", endpoint="admin_resumable", url="/admin/files/resumable")

    def is_visible(self) -> bool:
        """Keep the routes out of the menu."""
        return False

    @route("/", POST=_of_pages(routes.CREATE))
    def create(self) -> Response:
        """Begin an upload."""
        return routes.create()

    @route("/<id:id>", HEAD=_of_pages(routes.SEND))
    def offset(self, id: str) -> Response:  # noqa: A002 - the URL's name for it
        """Tell how much has been received."""
        return routes.show(id)

    @route("/<id:id>", PATCH=_of_pages(routes.APPEND))
    def append(self, id: str) -> Response:  # noqa: A002 - the URL's name for it
        """Receive more."""
        return routes.append(id)

    @route("/<id:id>", DELETE=_of_pages(routes.SEND))
    def terminate(self, id: str) -> Response:  # noqa: A002 - the URL's name for it
        """Give an upload up."""
        return routes.terminate(id)
