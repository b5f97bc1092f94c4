"""`/admin/edits`: change several uploads together, and undo what was changed."""

from collections.abc import Sequence

from flask import Response, flash, redirect
from werkzeug.wrappers import Response as AnyResponse

from open_event_uploads.admin import media
from open_event_uploads.admin.chosen_uploads import read_all, read_chosen, read_uploads
from open_event_uploads.admin.edit_context import current_edit_context
from open_event_uploads.admin.explain import explain
from open_event_uploads.admin.guard import current_admin_id
from open_event_uploads.admin.page import Page
from open_event_uploads.admin.policies import READ, WRITE, route
from open_event_uploads.admin.read_form import errors_in, read_form
from open_event_uploads.admin.translate import gettext, gettext_noop, ngettext
from open_event_uploads.admin.upload_form import TOGETHER, written_together
from open_event_uploads.admin.urls import own_page_or
from open_event_uploads.context import db
from open_event_uploads.current import current_application, current_request
from open_event_uploads.errors import ManyErrors, UploadsError
from open_event_uploads.uploads.edits.begin import begin_edit
from open_event_uploads.uploads.edits.decide import decide_edit
from open_event_uploads.uploads.edits.find import (
    Progress,
    find_edit,
    list_edits,
    read_edited,
    read_progress,
)
from open_event_uploads.uploads.edits.model import (
    CHANGED,
    REFUSED,
    SAME,
    WAITING,
    EditRow,
)
from open_event_uploads.uploads.edits.run import run_edit
from open_event_uploads.uploads.edits.undo import begin_undo
from open_event_uploads.uploads.rows import read_upload

# A page without the script works as long as people wait for it; the script shows how far it is.
_SECONDS, _SECONDS_WITH_SCRIPT = 20.0, 2.0
# As many pictures are shown of what is about to be changed.
_SHOWN = 24


class EditPages(Page):
    """Provide the form that changes several uploads, its progress and report, and the undoing."""

    def __init__(self) -> None:
        super().__init__(gettext_noop("Recent changes"), endpoint="admin_edits", url="/admin/edits")

    def is_visible(self) -> bool:
        """Keep the pages out of the menu; those of uploads link to them."""
        return False

    @route("/", GET=READ)
    def index(self) -> Response:
        """List what the admin changed and can undo."""
        decided = [
            each
            for each in list_edits(current_admin_id(), engine=db.engine)
            if each.attributes is not None
        ]
        progress = read_progress(*(each.id for each in decided), engine=db.engine)
        shown = [(each, list(each.attributes or ()), progress[each.id]) for each in decided]
        return self.show("edits.html", edits=shown)

    @route("/new", POST=WRITE)
    def new(self) -> AnyResponse:
        """Begin to change the chosen uploads, or all that a filter selects."""
        back = self._back()
        try:
            uploads = read_all() if "all" in read_form() else read_chosen()
            edit = begin_edit(uploads, user_id=current_admin_id(), engine=db.engine)
        except UploadsError as error:
            flash(explain(error), "problem")
            return redirect(back, 303)
        return redirect(self.get_url("admin_edits.details", id=edit.id, back=back), 303)

    @route("/<id:id>", GET=READ)
    def details(self, id: str) -> Response:  # noqa: A002 - the URL's name for it
        """Show the form of an edit that is not decided, else how far it is."""
        edit = find_edit(id, current_admin_id(), db.engine)
        return self._show_form(edit) if edit.attributes is None else self._show_report(edit)

    @route("/<id:id>", POST=WRITE)
    def decide(self, id: str) -> AnyResponse:  # noqa: A002 - the URL's name for it
        """Change the uploads of an edit, after its page has said how many they are."""
        edit = find_edit(id, current_admin_id(), db.engine)
        total = read_progress(id, engine=db.engine)[id].total
        if read_form().get("confirmed") != str(total):
            return self._show_form(edit)
        try:
            attributes = written_together(read_form())
            edit = decide_edit(id, attributes, user_id=current_admin_id(), engine=db.engine)
        except (UploadsError, ManyErrors) as error:
            return self._show_form(edit, errors_in(error))
        return self._run(edit, _SECONDS_WITH_SCRIPT)

    @route("/<id:id>/continue", POST=WRITE)
    def resume(self, id: str) -> AnyResponse:  # noqa: A002 - the URL's name for it
        """Change more uploads of an edit; the script asks for JSON, and comes again at once."""
        edit = find_edit(id, current_admin_id(), db.engine)
        if current_request().accept_mimetypes.best != "application/json":
            return self._run(edit, _SECONDS)
        run_edit(edit, current_edit_context(), seconds=_SECONDS_WITH_SCRIPT)
        progress = read_progress(id, engine=db.engine)[id]
        text = current_application().json.dumps({"done": progress.done, "total": progress.total})
        return current_application().response_class(text, content_type="application/json")

    @route("/<id:id>/undo", POST=WRITE)
    def undo(self, id: str) -> AnyResponse:  # noqa: A002 - the URL's name for it
        """Set back what an edit has changed, where nobody has changed it since."""
        undoing = begin_undo(id, user_id=current_admin_id(), engine=db.engine)
        return self._run(undoing, _SECONDS_WITH_SCRIPT)

    def _run(self, edit: EditRow, seconds: float) -> AnyResponse:
        """Change uploads for a while; then show the one upload, or how far the edit is."""
        run_edit(edit, current_edit_context(), seconds=seconds)
        items = read_edited(edit.id, WAITING, CHANGED, SAME, REFUSED, source=db.engine)
        if len(items) == 1 and read_upload(db.engine, items[0].upload_id):
            if items[0].outcome == REFUSED:
                flash(items[0].reason, "problem")
            else:
                flash(gettext("Undone.") if edit.undoes else gettext("Saved."))
            return redirect(self.get_url("admin_uploads.details", id=items[0].upload_id), 303)
        return redirect(
            self.get_url("admin_edits.details", id=edit.id, back=self._back(), runs="1"), 303
        )

    def _show_form(self, edit: EditRow, problems: Sequence[UploadsError] = ()) -> Response:
        shown = read_edited(edit.id, WAITING, source=db.engine)[:_SHOWN]
        return self.show(
            "edit.html",
            problems[0].status if problems else 200,
            edit=edit,
            progress=read_progress(edit.id, engine=db.engine)[edit.id],
            uploads=read_uploads(each.upload_id for each in shown),
            fields=TOGETHER,
            written=read_form(),
            problems=problems,
            back=self._back(),
            media=media,
        )

    def _show_report(self, edit: EditRow) -> Response:
        progress = read_progress(edit.id, engine=db.engine)[edit.id]
        refused = read_edited(edit.id, REFUSED, source=db.engine)
        uploads = read_uploads(each.upload_id for each in refused)
        return self.show(
            "edited.html",
            title=_title(edit, progress),
            edit=edit,
            progress=progress,
            refused=refused,
            names={each.id: each.filename for each in uploads},
            runs="runs" in current_request().args,
            back=self._back(),
        )

    def _back(self) -> str:
        """Return the list that the admin came from."""
        sent = read_form().get("back") or current_request().args.get("back", "")
        return own_page_or(sent, self.get_url("admin_uploads.index"))


def _title(edit: EditRow, progress: Progress) -> str:
    if edit.undoes:
        return ngettext("Undo %(num)s change", "Undo %(num)s changes", progress.total)
    return ngettext("Change %(num)s upload", "Change %(num)s uploads", progress.total)
