"""Serve `/admin/files`, where the pages' script sends files, one a request."""

from flask import Response, current_app, request
from flask_admin import expose

from open_event_uploads.admin.page import Page
from open_event_uploads.context import current_settings, current_storage, db
from open_event_uploads.errors import NotFound
from open_event_uploads.server.identity import current_user_id
from open_event_uploads.server.rate_limits import charge_files
from open_event_uploads.uploads.create import create_upload
from open_event_uploads.uploads.intake import receive_raw
from open_event_uploads.uploads.model import Upload, UploadRow, find_upload
from open_event_uploads.uploads.processing import current_processing
from open_event_uploads.uploads.rows import read_upload
from open_event_uploads.uploads.schema import read_values
from open_event_uploads.uploads.update import update_upload


class FilePages(Page):
    """Receive new files and replacements; people do not open these addresses."""

    def __init__(self) -> None:
        super().__init__("Files", endpoint="admin_files", url="/admin/files")

    def is_visible(self) -> bool:
        """Keep the view out of the menu."""
        return False

    @expose("/", methods=("POST",))
    def receive(self) -> Response:
        """Create an upload from a raw body."""
        charge_files()
        with receive_raw(int(current_settings().max_bytes)) as found:
            made = create_upload(
                content=found.file,
                values=read_values({**found.texts, **request.args}),
                owner_id=current_user_id(),
                engine=db.engine,
                storage=current_storage(),
                processing=current_processing(),
            )
        return _json(url=self.get_url("admin_uploads.one", id=made.upload.id))

    @expose("/<id:id>", methods=("POST",))
    def replace(self, id: str) -> Response:  # noqa: A002 - the address's name for it
        """Replace the bytes of an upload from a raw body; it keeps its name."""
        charge_files()
        with receive_raw(int(current_settings().max_bytes)) as found:
            update_upload(
                found_row(id),
                content=found.file,
                engine=db.engine,
                storage=current_storage(),
                processing=current_processing(),
            )
        return _json(url=self.get_url("admin_uploads.one", id=id))


def load_upload(id_: str) -> Upload:
    """Return an upload that is shown with its owner.

    Raises:
        NotFound: there is no such upload.
    """
    found = find_upload(id_, db.session())
    if found is None:
        raise _deleted()
    return found


def found_row(id_: str) -> UploadRow:
    """Return the row of an upload that is about to be changed.

    Raises:
        NotFound: there is none.
    """
    found = read_upload(db.engine, id_)
    if found is None:
        raise _deleted()
    return found


def _deleted() -> NotFound:
    return NotFound("There is no such upload; somebody may have deleted it.")


def _json(**values: str) -> Response:
    return current_app.response_class(
        current_app.json.dumps(values), content_type="application/json"
    )
