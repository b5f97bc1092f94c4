"""Serve pages for admins, who find, change and delete what was uploaded.

Flask-Admin provides views, their addresses and the menu. Its forms and its way to write rows are
not used: every change goes through a feature's use case, with the checks of the API.
"""

from flask import Flask
from flask_admin import Admin

from open_event_uploads.admin.files import FilePages
from open_event_uploads.admin.guard import SIGN_IN
from open_event_uploads.admin.home import HomePage
from open_event_uploads.admin.humanize import age, counted, file_size
from open_event_uploads.admin.presets import PresetPages
from open_event_uploads.admin.session import configure_sessions
from open_event_uploads.admin.tokens import TokenPages
from open_event_uploads.admin.uploads import UploadPages
from open_event_uploads.admin.users import UserPages
from open_event_uploads.server.policy import Counts, Policy, Who
from open_event_uploads.server.routes import declare_policies

# `guard.py` knows people by their cookie, and refuses their writes in read-only mode.
_PAGE = Policy(Who.ADMINS, has_own_guard=True, documented=False)
_SIGN_IN = Policy(Who.ANYBODY, counts=Counts.SIGN_IN, has_own_guard=True, documented=False)


def register_admin(app: Flask) -> None:
    """Add the pages below /admin."""
    configure_sessions(app)
    app.jinja_env.filters.update(file_size=file_size, age=age, counted=counted)
    pages = Admin(app, name="Open Event Uploads", index_view=HomePage())
    for view in (UploadPages(), FilePages(), UserPages(), TokenPages(), PresetPages()):
        pages.add_view(view)
    # Every blueprint is one of these views.
    for rule in app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] in app.blueprints:
            policy = _SIGN_IN if rule.endpoint == SIGN_IN else _PAGE
            declare_policies(app, rule.endpoint, dict.fromkeys(rule.methods or (), policy))
