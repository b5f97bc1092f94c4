"""The contexts of Flask, which make only what a request uses.

They follow Flask 3.1, as `tests/unit/server/test_request_context.py` compares.
"""

from functools import cached_property

from flask import Flask, Request
from flask.ctx import AppContext as FlaskAppContext
from flask.ctx import RequestContext as FlaskRequestContext
from flask.globals import _cv_request
from flask.sessions import NullSession, SessionMixin
from werkzeug.routing import MapAdapter

from open_event_uploads.server.asgi import Environ
from open_event_uploads.server.route_index import index_of

_NO_SESSION = NullSession()


class AppContext(FlaskAppContext):
    """Flask's context of an application; addresses outside a request need no adapter."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.url_adapter = None
        self.g = app.app_ctx_globals_class()
        self._cv_tokens = []


class RequestContext(FlaskRequestContext):
    """Flask's context of a request, whose route is looked up in an index first."""

    def __init__(
        self,
        app: Flask,
        environ: Environ,
        request: Request | None = None,
        session: SessionMixin | None = None,
    ) -> None:
        self.app = app
        self.request = request or app.request_class(environ)
        self.request.json_module = app.json
        self.flashes = None
        self._session = session
        self._after_request_functions = []
        self._cv_tokens = []

    @cached_property
    def url_adapter(self) -> MapAdapter | None:  # type: ignore[override]  # made when it is used
        """Werkzeug's adapter: it finds what the index does not know, and makes addresses."""
        return self.app.create_url_adapter(self.request)

    def match_request(self) -> None:
        """Find the route of the request."""
        found = index_of(self.app).find(self.request.method, self.request.path)
        if found is None:
            super().match_request()
        else:
            self.request.url_rule, self.request.view_args = found

    def push(self) -> None:
        """Enter the context, and one of the application: a request shares `g` with nothing."""
        app_context = self.app.app_context()
        app_context.push()
        self._cv_tokens.append((_cv_request.set(self), app_context))
        if self._session is None:
            opened = self.app.session_interface.open_session(self.app, self.request)
            self._session = _NO_SESSION if opened is None else opened
        self.match_request()
