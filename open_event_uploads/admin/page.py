"""The base class of the pages: their templates, their URLs and their error pages."""

from pathlib import Path
from typing import Any

from flask import Response
from flask.blueprints import Blueprint
from flask_admin import Admin, BaseView
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException

from open_event_uploads.admin.explain import explain
from open_event_uploads.admin.guard import check_form_token, guard_pages, is_admin
from open_event_uploads.admin.language import LANGUAGES, current_language
from open_event_uploads.admin.policies import declare_page_policies
from open_event_uploads.admin.script_texts import script_texts
from open_event_uploads.admin.translate import gettext
from open_event_uploads.admin.urls import current_url, page_url
from open_event_uploads.current import current_application, current_g, current_request
from open_event_uploads.jsonapi.problems import problems_of

FOLDER = Path(__file__).parent


class Page(BaseView):
    """Provide a view class with templates of our own, in the menu of admins alone."""

    def is_accessible(self) -> bool:
        """Return whether an admin sends the request, for the menu; the guard refuses others."""
        return is_admin()

    def create_blueprint(self, admin: Admin) -> Blueprint:
        """Return the blueprint with our templates, since the library's have inline scripts."""
        blueprint: Blueprint = super().create_blueprint(admin)
        blueprint.template_folder = str(FOLDER / "templates")
        blueprint.register_error_handler(Exception, self._on_error)
        guard_pages(blueprint)
        declare_page_policies(blueprint, self, [name for _, name, _ in self._urls])
        return blueprint

    def get_url(self, endpoint: str, **values: Any) -> str:  # noqa: ANN401 - as of `url_for`
        """Return a URL as a browser reaches it."""
        return page_url(endpoint, **values)

    def show(self, template: str, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 - the template's
        """Answer with a page."""
        text = self.render(
            f"pages/{template}",
            asset=lambda name: page_url("admin.static", filename=name),
            csrf_token=generate_csrf,
            csrf_field=_csrf_field,
            language=current_language(),
            languages=LANGUAGES.values(),
            shown_at=self._find_url(),
            script_texts=script_texts,
            **values,
        )
        return current_application().response_class(
            text, status, content_type="text/html; charset=utf-8"
        )

    def _find_url(self) -> str:
        """Return the URL that shows this page again; for the answer to a form, the overview."""
        is_read = current_request().method in {"GET", "HEAD"}
        return current_url() if is_read else page_url("admin.index")

    def _run_view(self, fn: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the library's signature
        """Call a view once: the library calls it again after any `TypeError`.

        The token of a form is checked here, so that no view can forget it.
        """
        check_form_token()
        return fn(self, *args, **kwargs)

    def _on_error(self, error: Exception) -> Response:
        """Answer with an error page; or with JSON, which our script asks for."""
        if isinstance(error, HTTPException) and error.response is not None and error.code is None:
            return error.response  # type: ignore[return-value]  # Flask's own class
        first, *_ = problems = problems_of(error)
        details = [explain(each) for each in problems]
        if current_request().accept_mimetypes.best == "application/json":
            text = current_application().json.dumps({"detail": " ".join(details)})
            response = current_application().response_class(
                text, first.status, content_type="application/json"
            )
        else:
            response = self.show(
                "problem.html",
                first.status,
                title=gettext(first.title),
                details=details,
                request_id=current_g().get("request_id"),
            )
        response.headers.update(first.headers)
        return response


def _csrf_field() -> Markup:
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(
        escape(generate_csrf())
    )
