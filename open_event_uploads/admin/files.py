"""`/admin/files/{id}`: receive the file that replaces that of an upload."""

from flask import Response

from open_event_uploads.admin.load_upload import load_upload
from open_event_uploads.admin.page import Page
from open_event_uploads.admin.policies import OTHER_FILE, route
from open_event_uploads.context import current_storage, db
from open_event_uploads.current import current_application
from open_event_uploads.uploads.intake import receive_raw
from open_event_uploads.uploads.processing import current_processing
from open_event_uploads.uploads.update import update_upload


class FilePages(Page):
    """Provide a route that shows no page."""

    def __init__(self) -> None:
        # The library wants to know where an entry of the menu would lead.
        self._default_view = "replace"
        super().__init__("Files", endpoint="admin_files", url="/admin/files")

    def is_visible(self) -> bool:
        """Keep the route out of the menu."""
        return False

    @route("/<id:id>", POST=OTHER_FILE)
    def replace(self, id: str) -> Response:  # noqa: A002 - the URL's name for it
        """Replace the file of an upload by the body; the upload keeps its attributes."""
        with receive_raw() as found:
            update_upload(
                load_upload(id),
                content=found.file,
                engine=db.engine,
                storage=current_storage(),
                processing=current_processing(),
            )
        url = self.get_url("admin_uploads.details", id=id)
        return current_application().response_class(
            current_application().json.dumps({"url": url}), content_type="application/json"
        )
