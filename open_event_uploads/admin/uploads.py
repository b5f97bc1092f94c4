"""Serve `/admin/uploads`: find, show, change and delete uploads."""

from collections.abc import Mapping
from typing import Any

from flask import Response, flash, redirect, request
from flask_admin import expose
from werkzeug.wrappers import Response as AnyResponse

from open_event_uploads.admin import pictures
from open_event_uploads.admin.addresses import page_or, page_url, this_page
from open_event_uploads.admin.files import found_row, load_upload
from open_event_uploads.admin.form import errors_of, read_attributes, sent_form, sent_version
from open_event_uploads.admin.humanize import counted
from open_event_uploads.admin.page import Page
from open_event_uploads.admin.upload_filters import FILTERS, read_selection
from open_event_uploads.admin.upload_form import shown_values, written_attributes
from open_event_uploads.admin.upload_page import ORDERS, SIZES, page_size, read_page
from open_event_uploads.context import current_settings, current_storage, db
from open_event_uploads.database.types import is_id
from open_event_uploads.errors import ManyErrors, NotFound, UploadsError
from open_event_uploads.uploads.delete import delete_upload
from open_event_uploads.uploads.fields import FIELDS
from open_event_uploads.uploads.model import Upload, find_upload
from open_event_uploads.uploads.processing import current_processing
from open_event_uploads.uploads.schema import UploadSchema
from open_event_uploads.uploads.update import update_upload

# The most that a page shows.
_MAX_CHOSEN = SIZES[-1]
_CURSORS = frozenset({"before", "after"})
# Other parameters do not become part of links.
_FIELDS = FILTERS | _CURSORS | {"order", "size", "view"}


class UploadPages(Page):
    """Serve the pages of uploads."""

    def __init__(self) -> None:
        super().__init__("Uploads", endpoint="admin_uploads", url="/admin/uploads")

    @expose("/")
    def index(self) -> Response:
        """Show the list, as a grid or as a table."""
        asked = request.args.items()
        fields = {name: value for name, value in asked if value and name in _FIELDS}
        selection = read_selection(fields, session=db.session())
        page = read_page(fields, selection.conditions, session=db.session())
        settings = current_settings()
        return self.show(
            "uploads.html",
            400 if selection.problems else 200,
            page=page,
            problems=selection.problems,
            fields=fields,
            filtered=fields.keys() - {"order", "size", "view", *_CURSORS},
            # Filters that are not visible beside the search words.
            narrowed=fields.keys() - {"q", "order", "size", "view", *_CURSORS},
            link=_link(fields),
            here=this_page(),
            types=sorted(settings.media_types | settings.file_types),
            orders=ORDERS,
            sizes=SIZES,
            size=page_size(fields),
            pictures=pictures,
        )

    @expose("/<id:id>")
    def one(self, id: str) -> Response:  # noqa: A002 - the address's name for it
        """Show one upload."""
        return self._show_one(load_upload(id))

    @expose("/<id:id>", methods=("POST",))
    def edit(self, id: str) -> AnyResponse:  # noqa: A002 - the address's name for it
        """Change the fields of an upload."""
        upload, form = found_row(id), sent_form()
        try:
            update_upload(
                upload,
                values=read_attributes(UploadSchema, written_attributes(form, upload)),
                versions=sent_version(),
                engine=db.engine,
                storage=current_storage(),
                processing=current_processing(),
            )
        except (UploadsError, ManyErrors) as error:
            problems = list(errors_of(error))
            return self._show_one(load_upload(id), problems[0].status, problems, form)
        flash("Saved.")
        return redirect(self.get_url("admin_uploads.one", id=id), 303)

    @expose("/delete", methods=("POST",))
    def delete(self) -> AnyResponse:
        """Confirm how many uploads are chosen, then delete them."""
        chosen = [each for each in dict.fromkeys(sent_form().getlist("id")) if is_id(each)]
        chosen = chosen[:_MAX_CHOSEN]
        back = page_or(sent_form().get("back", ""), self.get_url("admin_uploads.index"))
        if sent_form().get("confirmed") != str(len(chosen)) or not chosen:
            uploads = [each for id_ in chosen if (each := find_upload(id_, db.session()))]
            return self.show("delete.html", uploads=uploads, back=back, pictures=pictures)
        flash(f"Deleted {counted(_delete(chosen), 'upload')}.")
        return redirect(back, 303)

    def _show_one(
        self,
        upload: Upload,
        status: int = 200,
        problems: list[UploadsError] | None = None,
        written: Mapping[str, str] | None = None,
    ) -> Response:
        shown = shown_values(upload)
        return self.show(
            "upload.html",
            status,
            upload=upload,
            inputs=[(each, (written or shown).get(each.attribute, "")) for each in FIELDS],
            problems=problems or [],
            pictures=pictures,
        )


def _delete(ids: list[str]) -> int:
    """Delete uploads one by one, and return how many existed."""
    count = 0
    for each in ids:
        try:
            delete_upload(each, engine=db.engine, storage=current_storage())
        except NotFound:
            continue
        count += 1
    return count


def _link(fields: dict[str, str]) -> Any:  # noqa: ANN401 - called by the template
    """Return a function that makes addresses of the list's first page with changed fields."""

    def link(**changes: object) -> str:
        kept = {name: value for name, value in fields.items() if name not in _CURSORS}
        wanted = {name: value for name, value in {**kept, **changes}.items() if value}
        return page_url("admin_uploads.index", **wanted)

    return link
