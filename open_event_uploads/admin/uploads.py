"""`/admin/uploads`: the list of uploads, the page of each, and deletion."""

from collections.abc import Mapping
from typing import Any

from flask import Response, flash, redirect
from sqlalchemy import false
from werkzeug.wrappers import Response as AnyResponse

from open_event_uploads.admin import media
from open_event_uploads.admin.copied_address import (
    MAX_CHARACTERS,
    CopiedAddress,
    read_copied_address,
)
from open_event_uploads.admin.edit_context import current_edit_context
from open_event_uploads.admin.find_address import find_address
from open_event_uploads.admin.guard import current_admin_id
from open_event_uploads.admin.load_upload import load_owner_names, load_upload
from open_event_uploads.admin.page import Page
from open_event_uploads.admin.policies import READ, WRITE, route
from open_event_uploads.admin.read_form import errors_in, read_form, read_version
from open_event_uploads.admin.saved_filters.read import read_filters, to_query
from open_event_uploads.admin.translate import gettext, gettext_noop, ngettext
from open_event_uploads.admin.upload_filters import FILTERS, Selection, read_selection
from open_event_uploads.admin.upload_form import shown_values, written_attributes
from open_event_uploads.admin.upload_page import ORDERS, SIZES, read_page, read_page_size
from open_event_uploads.admin.urls import current_url, own_page_or, page_url
from open_event_uploads.context import current_settings, current_storage, db
from open_event_uploads.current import current_request
from open_event_uploads.database.types import is_id
from open_event_uploads.errors import ManyErrors, NotFound, UploadsError
from open_event_uploads.server.identity import current_user_id
from open_event_uploads.uploads.delete import delete_upload
from open_event_uploads.uploads.edits.edit_one import edit_upload
from open_event_uploads.uploads.edits.model import MAX_UPLOADS
from open_event_uploads.uploads.fields import FIELDS
from open_event_uploads.uploads.model import UploadRow
from open_event_uploads.uploads.rows import read_upload

# A page shows no more.
_MAX_CHOSEN = SIZES[-1]
_PLACES = frozenset({"before", "after"})
# Nothing else becomes part of a link.
_FIELDS = FILTERS | _PLACES | {"order", "size", "view"}


class UploadPages(Page):
    """Provide the list of uploads, the page of each, and the deletion of several."""

    def __init__(self) -> None:
        super().__init__(gettext_noop("Uploads"), endpoint="admin_uploads", url="/admin/uploads")

    @route("/", GET=READ)
    def index(self) -> AnyResponse:
        """List uploads as a grid or as a table; lead to the upload of an address."""
        sent = current_request().args.items()
        fields = {name: value for name, value in sent if value and name in _FIELDS}
        address = read_copied_address(fields.get("q", ""))
        if address and (found := find_address(address, engine=db.engine)):
            return redirect(self.get_url("admin_uploads.details", id=found), 303)
        if address and address.is_url:
            return self._show_list(fields, Selection((false(),), ()), address)
        return self._show_list(fields, read_selection(fields, engine=db.engine), address)

    def _show_list(
        self, fields: dict[str, str], selection: Selection, address: CopiedAddress | None
    ) -> Response:
        page = read_page(fields, selection.conditions, engine=db.engine)
        settings = current_settings()
        return self.show(
            "uploads.html",
            400 if selection.problems else 200,
            page=page,
            owners=load_owner_names(page.items),
            problems=selection.problems,
            # Of which there is no upload.
            address=address,
            max_characters=MAX_CHARACTERS,
            fields=fields,
            query=to_query(fields),
            saved=(saved := read_filters(current_admin_id(), engine=db.engine)),
            is_saved=any(each.selects(fields) for each in saved),
            max_edited=MAX_UPLOADS,
            filtered=fields.keys() - {"order", "size", "view", *_PLACES},
            # The filters that are in use are shown open.
            narrowed=fields.keys() - {"q", "order", "size", "view", *_PLACES},
            link=_link(fields),
            here=current_url(),
            user_id=current_user_id(),
            types=sorted(settings.media_types | settings.file_types),
            orders=ORDERS,
            sizes=SIZES,
            size=read_page_size(fields),
            media=media,
        )

    @route("/<id:id>", GET=READ)
    def details(self, id: str) -> Response:  # noqa: A002 - the URL's name for it
        """Show an upload."""
        return self._show_details(load_upload(id))

    @route("/<id:id>", POST=WRITE)
    def edit(self, id: str) -> AnyResponse:  # noqa: A002 - the URL's name for it
        """Change the fields of an upload."""
        upload, form = load_upload(id), read_form()
        try:
            edit = edit_upload(
                upload,
                written_attributes(form, upload),
                versions=read_version(),
                user_id=current_admin_id(),
                context=current_edit_context(),
            )
        except (UploadsError, ManyErrors) as error:
            problems = errors_in(error)
            return self._show_details(load_upload(id), problems[0].status, problems, form)
        flash(gettext("Saved."), f"undo:{edit.id}" if edit else "message")
        return redirect(self.get_url("admin_uploads.details", id=id), 303)

    @route("/delete", POST=WRITE)
    def delete(self) -> AnyResponse:
        """Delete uploads, after a page that asks whether this number is meant."""
        chosen = [each for each in dict.fromkeys(read_form().getlist("id")) if is_id(each)]
        chosen = chosen[:_MAX_CHOSEN]
        back = own_page_or(read_form().get("back", ""), self.get_url("admin_uploads.index"))
        if read_form().get("confirmed") != str(len(chosen)) or not chosen:
            uploads = [each for id_ in chosen if (each := read_upload(db.engine, id_))]
            return self.show("delete.html", uploads=uploads, back=back, media=media)
        flash(ngettext("Deleted %(num)s upload.", "Deleted %(num)s uploads.", _delete(chosen)))
        return redirect(back, 303)

    def _show_details(
        self,
        upload: UploadRow,
        status: int = 200,
        problems: list[UploadsError] | None = None,
        written: Mapping[str, str] | None = None,
    ) -> Response:
        shown = shown_values(upload)
        return self.show(
            "upload.html",
            status,
            upload=upload,
            owners=load_owner_names([upload]),
            inputs=[(each, (written or shown).get(each.attribute, "")) for each in FIELDS],
            problems=problems or [],
            media=media,
        )


def _delete(ids: list[str]) -> int:
    """Delete uploads one by one; return how many there were."""
    count = 0
    for each in ids:
        try:
            delete_upload(each, engine=db.engine, storage=current_storage())
        except NotFound:
            continue
        count += 1
    return count


def _link(fields: dict[str, str]) -> Any:  # noqa: ANN401 - called by the template
    """Return a function for links to this list with some fields changed, to its first page."""

    def link(**changes: object) -> str:
        kept = {name: value for name, value in fields.items() if name not in _PLACES}
        wanted = {name: value for name, value in {**kept, **changes}.items() if value}
        return page_url("admin_uploads.index", **wanted)

    return link
