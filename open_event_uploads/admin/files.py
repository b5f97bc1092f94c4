"""`/admin/files`: receive the files that the pages' script sends, one in each request."""

from flask import Response

from open_event_uploads.admin.load_upload import load_upload
from open_event_uploads.admin.page import Page
from open_event_uploads.admin.policies import NEW_FILE, OTHER_FILE, route
from open_event_uploads.context import current_storage, db
from open_event_uploads.current import current_application, current_request
from open_event_uploads.server.identity import current_user_id
from open_event_uploads.uploads.create import create_upload
from open_event_uploads.uploads.intake import receive_raw
from open_event_uploads.uploads.processing import current_processing
from open_event_uploads.uploads.schema import read_values
from open_event_uploads.uploads.update import update_upload


class FilePages(Page):
    """Provide routes for new files and for files that replace others; none shows a page."""

    def __init__(self) -> None:
        super().__init__("Files", endpoint="admin_files", url="/admin/files")

    def is_visible(self) -> bool:
        """Keep the routes out of the menu."""
        return False

    @route("/", POST=NEW_FILE)
    def receive(self) -> Response:
        """Create an upload from the body; the query holds its attributes."""
        with receive_raw() as found:
            made = create_upload(
                content=found.file,
                values=read_values({**found.texts, **current_request().args}),
                owner_id=current_user_id(),
                engine=db.engine,
                storage=current_storage(),
                processing=current_processing(),
            )
        return self._answer(made.upload.id)

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
        return self._answer(id)

    def _answer(self, id_: str) -> Response:
        url = self.get_url("admin_uploads.details", id=id_)
        return current_application().response_class(
            current_application().json.dumps({"url": url}), content_type="application/json"
        )
