"""Provide what every page has: frame, addresses, and errors as text."""

from pathlib import Path
from typing import Any

from flask import Response, current_app, g, request
from flask.blueprints import Blueprint
from flask_admin import Admin, BaseView
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException

from open_event_uploads.admin.addresses import page_url
from open_event_uploads.admin.guard import guard_pages, is_admin
from open_event_uploads.jsonapi.problems import problems_of

FOLDER = Path(__file__).parent


class Page(BaseView):
    """Provide a view with templates of its own, which only admins see in the menu."""

    def is_accessible(self) -> bool:
        """Return whether the menu has the view; called before each view too, after the guard."""
        return is_admin()

    def create_blueprint(self, admin: Admin) -> Blueprint:
        """Use our templates instead of the library's, which have scripts within the page."""
        blueprint: Blueprint = super().create_blueprint(admin)
        blueprint.template_folder = str(FOLDER / "templates")
        blueprint.register_error_handler(Exception, self._on_error)
        guard_pages(blueprint)
        return blueprint

    def get_url(self, endpoint: str, **values: Any) -> str:  # noqa: ANN401 - as of `url_for`
        """Return an address as a browser reaches it."""
        return page_url(endpoint, **values)

    def show(self, template: str, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 - the template's
        """Answer with a page."""
        text = self.render(
            f"pages/{template}",
            asset=lambda name: page_url("admin.static", filename=name),
            csrf_token=generate_csrf,
            csrf_field=_csrf_field,
            **values,
        )
        return current_app.response_class(text, status, content_type="text/html; charset=utf-8")

    def _run_view(self, fn: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the library's signature
        """Call a view once; the library calls it again after any `TypeError`."""
        return fn(self, *args, **kwargs)

    def _on_error(self, error: Exception) -> Response:
        """Answer with the error, as a page or as JSON for the script."""
        if isinstance(error, HTTPException) and error.response is not None and error.code is None:
            return error.response  # type: ignore[return-value]  # Flask's own class
        first, *_ = problems = problems_of(error)
        details = [each.detail for each in problems]
        if request.accept_mimetypes.best == "application/json":
            text = current_app.json.dumps({"detail": " ".join(details)})
            response = current_app.response_class(
                text, first.status, content_type="application/json"
            )
        else:
            response = self.show(
                "problem.html",
                first.status,
                title=first.title,
                details=details,
                request_id=g.get("request_id"),
            )
        response.headers.update(first.headers)
        return response


def _csrf_field() -> Markup:
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(
        escape(generate_csrf())
    )
