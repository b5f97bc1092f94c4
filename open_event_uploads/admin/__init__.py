"""The pages below /admin, where admins look at uploads, users, tokens and presets and change them.

Flask-Admin provides views, their URLs and the menu. Its forms and its way to write rows are not
used: every change goes through the use cases of the features, and so passes the API's checks.
"""

from flask import Flask
from flask_admin import Admin

from open_event_uploads.admin.edits import EditPages
from open_event_uploads.admin.explain import explain, name_field
from open_event_uploads.admin.files import FilePages
from open_event_uploads.admin.formatting import format_age, format_day, format_moment, format_size
from open_event_uploads.admin.home import HomePage
from open_event_uploads.admin.presets import PresetPages
from open_event_uploads.admin.resumable import ResumablePages
from open_event_uploads.admin.saved_filter_pages import SavedFilterPages
from open_event_uploads.admin.session import configure_sessions
from open_event_uploads.admin.tokens import TokenPages
from open_event_uploads.admin.translate import format_number, ngettext, translate_markup
from open_event_uploads.admin.uploads import UploadPages
from open_event_uploads.admin.users import UserPages


def register_admin(app: Flask) -> None:
    """Add all the pages to an application."""
    configure_sessions(app)
    app.jinja_env.filters.update(
        explain=explain,
        format_age=format_age,
        format_day=format_day,
        format_moment=format_moment,
        format_number=format_number,
        format_size=format_size,
        name_field=name_field,
    )
    # Known to macros too, which have no context of the page.
    app.jinja_env.globals.update(_=translate_markup, ngettext=ngettext)
    admin = Admin(app, name="Open Event Uploads", index_view=HomePage())
    for view in (
        UploadPages(),
        EditPages(),
        SavedFilterPages(),
        FilePages(),
        ResumablePages(),
        UserPages(),
        TokenPages(),
        PresetPages(),
    ):
        admin.add_view(view)
