"""`/admin/filters`: filters of the list of uploads that admins saved."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl

from flask import Response, flash, redirect
from werkzeug.wrappers import Response as AnyResponse

from open_event_uploads.admin.explain import explain
from open_event_uploads.admin.guard import current_admin_id
from open_event_uploads.admin.page import Page
from open_event_uploads.admin.policies import READ, WRITE, route
from open_event_uploads.admin.read_form import read_form
from open_event_uploads.admin.saved_filters.model import MAX_FILTERS, NAME_MAX_CHARACTERS
from open_event_uploads.admin.saved_filters.read import read_filters, to_query
from open_event_uploads.admin.saved_filters.write import change_filter, delete_filter, save_filter
from open_event_uploads.admin.translate import gettext, gettext_noop
from open_event_uploads.admin.urls import own_page_or
from open_event_uploads.context import db
from open_event_uploads.errors import InvalidAttribute


class SavedFilterPages(Page):
    """Provide the list of saved filters, where they are renamed, shared and deleted."""

    def __init__(self) -> None:
        super().__init__(
            gettext_noop("Saved filters"), endpoint="admin_filters", url="/admin/filters"
        )

    def is_visible(self) -> bool:
        """Keep the page out of the menu; that of uploads links to it."""
        return False

    @route("/", GET=READ)
    def index(self) -> Response:
        """List the filters that the admin sees."""
        admin_id = current_admin_id()
        return self.show(
            "filters.html",
            filters=read_filters(admin_id, engine=db.engine),
            user_id=admin_id,
            most=MAX_FILTERS,
            max_characters=NAME_MAX_CHARACTERS,
        )

    @route("/", POST=WRITE)
    def save(self) -> AnyResponse:
        """Save what the list is filtered by, and show the list again."""
        form = read_form()
        back = own_page_or(form.get("back", ""), self.get_url("admin_uploads.index"))
        with _flashed(gettext("The filter was saved.")):
            save_filter(
                form.get("name", ""),
                to_query(dict(parse_qsl(form.get("filter", "")))),
                shared="shared" in form,
                user_id=current_admin_id(),
                engine=db.engine,
            )
        return redirect(back, 303)

    @route("/<id:id>", POST=WRITE)
    def change(self, id: str) -> AnyResponse:  # noqa: A002 - the URL's name for it
        """Rename a filter, and share it or keep it for oneself."""
        form = read_form()
        with _flashed(gettext("Saved.")):
            change_filter(
                id,
                form.get("name", ""),
                shared="shared" in form,
                user_id=current_admin_id(),
                engine=db.engine,
            )
        return redirect(self.get_url("admin_filters.index"), 303)

    @route("/<id:id>/delete", POST=WRITE)
    def delete(self, id: str) -> AnyResponse:  # noqa: A002 - the URL's name for it
        """Delete a filter; no upload changes."""
        delete_filter(id, user_id=current_admin_id(), engine=db.engine)
        flash(gettext("The filter was deleted."))
        return redirect(self.get_url("admin_filters.index"), 303)


@contextmanager
def _flashed(done: str) -> Iterator[None]:
    """Show a text on the next page if the block succeeds, and else what is wrong with the form."""
    try:
        yield
    except InvalidAttribute as error:
        flash(explain(error), "problem")
    else:
        flash(done)
